//! The embedded DynamoDB: one file, served on a port of this machine.

use std::fs;
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
    /// The file cannot be prepared.
    #[error("the embedded DynamoDB's file cannot be prepared")]
    Sqlite(#[from] rusqlite::Error),
    /// A table's description in the template is none that DynamoDB takes.
    #[error("the table {0} is not described as DynamoDB takes it")]
    Description(String, #[source] serde_json::Error),
    /// The file cannot be made.
    #[error("the file of the embedded DynamoDB cannot be made")]
    File(#[source] io::Error),
    /// No port, thread or runtime to be had.
    #[error("the embedded DynamoDB cannot be served")]
    Serve(#[from] io::Error),
}

/// Opens the file, or makes it, with every table. `delivered` says up to which sequence number a table's
/// stream has been read. Blocking.
pub fn open(
    file: &Path,
    tables: &[Table],
    delivered: &[(String, Option<String>)],
) -> Result<Database, DatabaseError> {
    if !file.exists() {
        make(file, tables)?;
    }
    trim(file, delivered)?;
    complete(file, tables)
}

/// Makes the file under another name first: a process that is killed meanwhile leaves no half of one.
fn make(file: &Path, tables: &[Table]) -> Result<(), DatabaseError> {
    let draft = file.with_extension("new");
    for left in [draft.clone(), draft.with_extension("new-wal"), draft.with_extension("new-shm")] {
        match fs::remove_file(left) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(DatabaseError::File(error)),
            _ => {}
        }
    }
    drop(complete(&draft, tables)?);
    // The last connection takes the log with it.
    let storage = Storage::new(&draft.to_string_lossy())?;
    storage.conn().execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
    drop(storage);
    fs::rename(&draft, file).map_err(DatabaseError::File)
}

/// Opens the file and makes the tables and the index that are not there yet.
///
/// The index is for the look-up that each write to a streamed table makes over all stream records.
fn complete(file: &Path, tables: &[Table]) -> Result<Database, DatabaseError> {
    let path = file.to_string_lossy();
    let storage = Storage::new(&path)?;
    storage.conn().execute_batch(
        "CREATE INDEX IF NOT EXISTS skafu_stream_sequence
             ON _stream_records (table_name, CAST(sequence_number AS INTEGER));",
    )?;
    drop(storage);
    let database = Database::new(&path)?;
    let there = database.list_tables(Default::default())?.table_names;
    for table in tables.iter().filter(|table| !there.contains(&table.name)) {
        let request = serde_json::from_value(table.create.clone())
            .map_err(|error| DatabaseError::Description(table.name.clone(), error))?;
        database.create_table(request)?;
    }
    Ok(database)
}

/// Ends stream records after a day, which the emulator does not. What nobody has read yet stays, however
/// old; so does the last record, for sequence numbers continue from it.
fn trim(file: &Path, delivered: &[(String, Option<String>)]) -> Result<(), DatabaseError> {
    let storage = Storage::new(&file.to_string_lossy())?;
    for (table, position) in delivered {
        let Some(position) = position else { continue };
        storage.conn().execute(
            "DELETE FROM _stream_records
             WHERE table_name = ?1 AND created_at < unixepoch() - 86400
                 AND CAST(sequence_number AS INTEGER) <= CAST(?2 AS INTEGER)
                 AND id NOT IN (SELECT MAX(id) FROM _stream_records GROUP BY table_name)",
            [table, position],
        )?;
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets;
    use crate::stack::Stack;

    #[test]
    fn a_file_that_was_left_half_made_is_made_anew() {
        let directory = tempfile::tempdir().unwrap();
        let tables = Stack::load(assets::TEMPLATE).unwrap().tables;
        let file = directory.path().join("dynamodb.db");
        // What a kill between two tables leaves.
        drop(complete(&file.with_extension("new"), &tables[..1]).unwrap());

        let made = open(&file, &tables, &[]).unwrap().list_tables(Default::default()).unwrap().table_names;
        assert_eq!(made.len(), tables.len());
        let left = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(left.map(|name| name.into_string().unwrap()).all(|name| name.starts_with("dynamodb.db")));
        drop(open(&file, &tables, &[]).unwrap());
    }

    #[test]
    fn a_made_file_is_whole_without_its_log() {
        let directory = tempfile::tempdir().unwrap();
        let tables = Stack::load(assets::TEMPLATE).unwrap().tables;
        let file = directory.path().join("dynamodb.db");
        make(&file, &tables).unwrap();
        let left: Vec<_> =
            fs::read_dir(directory.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(left, ["dynamodb.db"]);
        let database = Database::new(&file.to_string_lossy()).unwrap();
        assert_eq!(database.list_tables(Default::default()).unwrap().table_names.len(), tables.len());
    }
}
