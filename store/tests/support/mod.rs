//! An embedded DynamoDB per test: in memory, on a free port of this machine.

use std::net::TcpListener;

use aws_sdk_dynamodb::Client;
use dynoxide::Database;
use serde_json::json;
use skafu_store::aws::Connection;

/// Starts a DynamoDB with both tables, and a client of it. It ends with the test's process.
pub async fn dynamodb() -> Client {
    let database = Database::memory().unwrap();
    let key = |name: &str, kind: &str| json!({ "AttributeName": name, "KeyType": kind });
    let text = |name: &str| json!({ "AttributeName": name, "AttributeType": "S" });
    let primary = json!([key("PK", "HASH"), key("SK", "RANGE")]);
    let index = |name: &str| {
        json!({
            "IndexName": name,
            "KeySchema": [key(&format!("{name}PK"), "HASH"), key(&format!("{name}SK"), "RANGE")],
            "Projection": { "ProjectionType": "ALL" }
        })
    };
    let events = json!({
        "TableName": "events", "BillingMode": "PAY_PER_REQUEST", "KeySchema": primary,
        "AttributeDefinitions": [text("PK"), text("SK")]
    });
    let attributes = ["PK", "SK", "GSI1PK", "GSI1SK", "GSI2PK", "GSI2SK", "GSI3PK", "GSI3SK"].map(text);
    let views = json!({
        "TableName": "views", "BillingMode": "PAY_PER_REQUEST", "KeySchema": primary,
        "AttributeDefinitions": attributes,
        "GlobalSecondaryIndexes": [index("GSI1"), index("GSI2"), index("GSI3")]
    });
    for table in [events, views] {
        database.create_table(serde_json::from_value(table).unwrap()).unwrap();
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    // Its own thread and runtime: it runs SQLite on the worker that took the request.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let never = std::future::pending::<()>();
            dynoxide::server::serve_with_shutdown(listener, database, never).await.unwrap();
        });
    });
    Connection::local(format!("http://{address}")).dynamodb()
}
