//! The contract suites, on the twins in memory and on the embedded DynamoDB.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

#[allow(dead_code, reason = "each test binary uses a part")]
mod contract;
mod support;

use std::sync::Arc;

use skafu_store::faults::{FaultyViews, ViewFaults};
use skafu_store::{
    DynamoEventStore, DynamoViewStore, EventStore, MemoryEventStore, MemoryPayloads, MemoryViewStore,
};

async fn event_store(store: Arc<dyn EventStore>) {
    contract::events::suite(Arc::clone(&store)).await;
    contract::latest::suite(&*store).await;
    contract::pages::suite(&*store).await;
    contract::transactions::suite(&*store).await;
}

async fn on_dynamodb() -> DynamoEventStore {
    let store = DynamoEventStore::new(support::dynamodb().await, "events");
    store.with_payloads(Arc::new(MemoryPayloads::default()))
}

async fn views_on_dynamodb() -> DynamoViewStore {
    DynamoViewStore::new(support::dynamodb().await, "views")
}

#[tokio::test]
async fn the_event_store_in_memory_keeps_the_contract() {
    event_store(Arc::new(MemoryEventStore::default())).await;
    contract::scan::suite(&MemoryEventStore::default()).await;
    contract::latest::a_very_long_history_is_read_whole(&MemoryEventStore::default()).await;
}

#[tokio::test]
async fn the_event_store_on_dynamodb_keeps_the_contract() {
    event_store(Arc::new(on_dynamodb().await)).await;
}

#[tokio::test]
async fn a_very_long_history_on_dynamodb_is_read_whole() {
    contract::latest::a_very_long_history_is_read_whole(&on_dynamodb().await).await;
}

#[tokio::test]
async fn a_cold_instance_and_one_that_pages_keep_the_contract_too() {
    event_store(Arc::new(on_dynamodb().await.with_page_size(2))).await;
}

#[tokio::test]
async fn the_event_store_on_dynamodb_is_read_whole() {
    contract::scan::suite(&on_dynamodb().await).await;
}

#[tokio::test]
async fn the_view_table_in_memory_keeps_the_contract() {
    contract::views::suite(&MemoryViewStore::default()).await;
    contract::views::scan::suite(&MemoryViewStore::default()).await;
}

#[tokio::test]
async fn the_view_table_on_dynamodb_keeps_the_contract() {
    contract::views::suite(&views_on_dynamodb().await).await;
}

#[tokio::test]
async fn the_view_table_on_dynamodb_is_read_whole() {
    contract::views::scan::suite(&views_on_dynamodb().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_counters_of_many_writers_are_exact() {
    contract::views::counters::many_writers(Arc::new(MemoryViewStore::default())).await;
    contract::views::counters::many_writers(Arc::new(views_on_dynamodb().await)).await;
}

#[tokio::test]
async fn a_view_table_that_nothing_goes_wrong_with_keeps_the_contract() {
    contract::views::suite(&FaultyViews::new(MemoryViewStore::default())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_counters_of_many_writers_are_exact_although_requests_fail_and_answers_are_lost() {
    let views = FaultyViews::new(MemoryViewStore::default());
    views.suffer(ViewFaults { lag: 3, stale: 50, failing: 20, losing: 20, ..ViewFaults::default() });
    contract::views::counters::many_writers(Arc::new(views)).await;
}
