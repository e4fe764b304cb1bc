//! An embedded DynamoDB per test: in memory, on a free port of this machine.

pub mod tables;

use std::net::TcpListener;

use aws_sdk_dynamodb::Client;
use dynoxide::Database;
use skafu_store::aws::Connection;

/// Starts a DynamoDB with both tables, and a client of it. It ends with the test's process.
#[allow(dead_code, reason = "one test binary makes its own tables")]
pub async fn dynamodb() -> Client {
    let client = Connection::local(serve()).dynamodb();
    tables::create(&client, "events", "views").await;
    client
}

/// Starts a DynamoDB without any table; its URL.
pub fn serve() -> String {
    let database = Database::memory().unwrap();
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
    format!("http://{address}")
}
