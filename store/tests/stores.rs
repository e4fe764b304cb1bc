//! The contract suites, on the twins in memory and on the embedded DynamoDB.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod contract;
mod support;

use std::sync::Arc;

use skafu_store::{DynamoEventStore, DynamoViewStore, MemoryEventStore, MemoryViewStore};

#[tokio::test]
async fn the_event_store_in_memory_keeps_the_contract() {
    contract::events::suite(Arc::new(MemoryEventStore::default())).await;
}

#[tokio::test]
async fn the_event_store_on_dynamodb_keeps_the_contract() {
    let client = support::dynamodb().await;
    contract::events::suite(Arc::new(DynamoEventStore::new(client, "events"))).await;
}

#[tokio::test]
async fn the_view_table_in_memory_keeps_the_contract() {
    contract::views::suite(&MemoryViewStore::default()).await;
}

#[tokio::test]
async fn the_view_table_on_dynamodb_keeps_the_contract() {
    let client = support::dynamodb().await;
    contract::views::suite(&DynamoViewStore::new(client, "views")).await;
}
