//! The embedded DynamoDB: one file, served on a port of this machine.

use std::io;
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use dynoxide::storage::Storage;
use dynoxide::{Database, DynoxideError};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::stack::Table;

/// Why the database is not there.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The file cannot be opened, or a table cannot be made.
    #[error("the embedded DynamoDB failed")]
    Dynoxide(#[from] DynoxideError),
    /// A table's description in the template is none that DynamoDB takes.
    #[error("the table {0} is not described as DynamoDB takes it")]
    Description(String, #[source] serde_json::Error),
    /// No port, thread or runtime to be had.
    #[error("the embedded DynamoDB cannot be served")]
    Serve(#[from] io::Error),
}

/// Opens the file and makes the tables that are not there yet. Blocking.
pub fn open(file: &Path, tables: &[Table]) -> Result<Database, DatabaseError> {
    let path = file.to_string_lossy();
    prepare(&path)?;
    let database = Database::new(&path)?;
    let there = database.list_tables(Default::default())?.table_names;
    for table in tables.iter().filter(|table| !there.contains(&table.name)) {
        let request = serde_json::from_value(table.create.clone())
            .map_err(|error| DatabaseError::Description(table.name.clone(), error))?;
        database.create_table(request)?;
    }
    Ok(database)
}

/// What the emulator lacks: an index for the look-up that each write to a streamed table makes over all
/// stream records, and the end of stream records after a day. The last record stays: sequence numbers
/// continue from it.
fn prepare(path: &str) -> Result<(), DynoxideError> {
    let storage = Storage::new(path)?;
    let sql = "CREATE INDEX IF NOT EXISTS skafu_stream_sequence
                   ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
               DELETE FROM _stream_records WHERE created_at < unixepoch() - 86400
                   AND id NOT IN (SELECT MAX(id) FROM _stream_records GROUP BY table_name);";
    storage.conn().execute_batch(sql)?;
    Ok(())
}

/// Serves the database until `stop` becomes true. Returns its URL.
///
/// It has a thread and a runtime of its own, for it runs SQLite on the worker that took the request.
pub fn serve(database: Database, mut stop: watch::Receiver<bool>) -> Result<String, DatabaseError> {
    let (started, address) = mpsc::channel();
    let serve = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => return drop(started.send(Err(error))),
        };
        runtime.block_on(async {
            let bound = async {
                let listener = TcpListener::bind("127.0.0.1:0").await?;
                let address = listener.local_addr()?;
                Ok((listener, address))
            };
            let listener = match bound.await {
                Ok((listener, address)) => {
                    drop(started.send(Ok(address)));
                    listener
                }
                Err(error) => return drop(started.send(Err(error))),
            };
            // An error means that whoever would say stop is gone.
            let stopped = async move { drop(stop.wait_for(|stop| *stop).await) };
            if let Err(error) = dynoxide::server::serve_with_shutdown(listener, database, stopped).await {
                tracing::error!(%error, "the embedded DynamoDB stopped");
            }
        });
    };
    thread::Builder::new().name("dynamodb".to_owned()).spawn(serve)?;
    let address = address.recv().map_err(|error| io::Error::other(error.to_string()))??;
    Ok(format!("http://{address}"))
}
