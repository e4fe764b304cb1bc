//! The one DynamoDB of a run: embedded, in memory, on a free port of this machine.

use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread;

use dynoxide::Database;
use serde_json::{Value, json};

use crate::Failure;

/// Starts the DynamoDB with every store's tables. It ends with the process.
pub fn start() -> Result<SocketAddr, Failure> {
    let database = Database::memory().map_err(|error| Failure::new("the embedded DynamoDB", error))?;
    for table in tables() {
        let request = serde_json::from_value(table).map_err(|error| Failure::new("a table", error))?;
        database.create_table(request).map_err(|error| Failure::new("a table", error))?;
    }
    let bound = TcpListener::bind("127.0.0.1:0").and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok((listener.local_addr()?, listener))
    });
    let (address, listener) = bound.map_err(|error| Failure::new("a port", error))?;
    // Its own thread and runtime: it runs SQLite on the worker that took the request.
    thread::spawn(move || {
        if let Err(error) = serve(listener, database) {
            eprintln!("the embedded DynamoDB stopped: {error}");
        }
    });
    Ok(address)
}

fn serve(listener: TcpListener, database: Database) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let never = std::future::pending::<()>();
        dynoxide::server::serve_with_shutdown(listener, database, never).await.map_err(io::Error::other)
    })
}

/// A key of a table or an index: its hash and perhaps its range attribute, each with its type.
type Key<'a> = &'a [(&'a str, &'a str)];

/// A table, with an index that holds keys alone, if one is named.
fn table(name: &str, key: Key<'_>, index: Option<(&str, Key<'_>)>) -> Value {
    let schema = |key: Key<'_>| -> Value {
        let kinds = key.iter().zip(["HASH", "RANGE"]);
        kinds.map(|((attribute, _), kind)| json!({ "AttributeName": attribute, "KeyType": kind })).collect()
    };
    let mut attributes: BTreeMap<&str, &str> = key.iter().copied().collect();
    attributes.extend(index.map(|(_, key)| key).unwrap_or_default().iter().copied());
    let attributes: Value =
        attributes.iter().map(|(name, of)| json!({ "AttributeName": name, "AttributeType": of })).collect();
    let mut table = json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": schema(key),
        "AttributeDefinitions": attributes,
    });
    if let Some((name, key)) = index {
        table["GlobalSecondaryIndexes"] = json!([{
            "IndexName": name,
            "KeySchema": schema(key),
            "Projection": { "ProjectionType": "KEYS_ONLY" },
        }]);
    }
    table
}

/// The tables as each store's documentation, or failing that its source, lays them down.
fn tables() -> Vec<Value> {
    let cqrs: Key<'_> = &[("AggregateTypeAndId", "S"), ("AggregateIdSequence", "N")];
    let history: Key<'_> = &[("aid", "S"), ("active_history_seq_nr", "N")];
    let initial: Key<'_> = &[("eventStoreId", "S"), ("timestamp", "S")];
    vec![
        table("skafu", &[("PK", "S"), ("SK", "S")], None),
        table("cqrs-snapshot-events", cqrs, None),
        table("cqrs-snapshot-snapshots", &cqrs[..1], None),
        table("cqrs-aggregate-events", cqrs, None),
        table("cqrs-aggregate-snapshots", &cqrs[..1], None),
        table("esa-journal", &[("aid", "S"), ("seq_nr", "N")], None),
        table("esa-snapshot", &[("aid", "S"), ("skey", "N")], Some(("esa-history", history))),
        table("esa-head", &[("aid", "S")], None),
        table("castore", &[("aggregateId", "S"), ("version", "N")], Some(("initialEvents", initial))),
    ]
}
