//! The whole contract on any DynamoDB: that of `SKAFU_DYNAMODB_ENDPOINT`, else an embedded one.
//!
//! `http://host:port` is an emulator's; `aws` is the service itself, in `AWS_REGION`. The tables are made
//! for the occasion and removed afterwards.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

#[allow(dead_code, reason = "each test binary uses a part")]
mod contract;
mod support;

use std::env;
use std::panic::resume_unwind;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use contract::in_a_fresh_tenant;
use skafu_domain::Aggregate;
use skafu_domain::project::Project;
use skafu_events::{AggregateKind, Envelope, StreamId, Tenant};
use skafu_store::aws::Connection;
use skafu_store::{
    Consistency, CountingMeter, DynamoEventStore, DynamoViewStore, EventStore, MemoryPayloads,
};
use support::tables;
use tokio::task::{LocalSet, spawn_local};
use uuid::Uuid;

/// Where it is, in words, and how to get there.
fn endpoint() -> (String, Connection) {
    let Ok(endpoint) = env::var("SKAFU_DYNAMODB_ENDPOINT") else {
        return ("the embedded DynamoDB".to_owned(), Connection::local(support::serve()));
    };
    let environment = Connection::from_environment();
    if endpoint == "aws" {
        let environment = Connection { endpoint: None, ..environment.unwrap() };
        return (format!("DynamoDB in {}", environment.region), environment);
    }
    // An emulator takes any credentials; a region some of them want to know.
    let mut connection = environment.unwrap_or_else(|_| Connection::local(""));
    connection.endpoint = Some(endpoint.clone());
    connection.region = env::var("AWS_REGION").unwrap_or(connection.region);
    (endpoint, connection)
}

async fn keeps_the_contract(client: Client, events: String, views: String) {
    tables::create(&client, &events, &views).await;
    let meter = Arc::new(CountingMeter::default());
    let store = DynamoEventStore::new(client.clone(), &events).with_meter(meter.clone());
    let store = store.with_payloads(Arc::new(MemoryPayloads::default()));

    for page_size in [None, Some(2)] {
        let store = page_size.map_or_else(|| store.clone(), |items| store.clone().with_page_size(items));
        in_a_fresh_tenant();
        contract::events::suite(Arc::new(store.clone())).await;
        contract::latest::suite(&store).await;
        contract::pages::suite(&store).await;
        contract::transactions::suite(&store).await;
    }
    contract::latest::a_very_long_history_is_read_whole(&store).await;
    in_a_fresh_tenant();
    contract::scan::suite(&store).await;
    contract::views::suite(&DynamoViewStore::new(client, &views)).await;
    if !contract::cost::suite(&store, &meter).await {
        println!("what requests cost was not checked: the endpoint does not say");
    }
}

#[tokio::test]
async fn the_endpoint_keeps_the_contract() {
    let (name, connection) = endpoint();
    let (client, run) = (connection.dynamodb(), Uuid::now_v7());
    let [events, views] = ["events", "views"].map(|table| format!("skafu-contract-{run}-{table}"));
    // A task of its own, so that its failure leaves the tables to be removed.
    let suites = keeps_the_contract(client.clone(), events.clone(), views.clone());
    let held = LocalSet::new().run_until(async { spawn_local(suites).await }).await;
    tables::delete(&client, [&events, &views]).await;
    match held {
        Ok(()) => println!("{name} keeps the contract"),
        Err(failed) => resume_unwind(failed.into_panic()),
    }
}

/// Projects as they are, for `skafu store` and `skafu aggregate` with `--endpoint` and `--table`.
#[tokio::test]
#[ignore = "leaves a table behind, for operators to look into"]
async fn a_table_to_look_into() {
    let (name, connection) = endpoint();
    let (client, run) = (connection.dynamodb(), Uuid::now_v7());
    let [events, views] = ["events", "views"].map(|table| format!("skafu-look-{run}-{table}"));
    tables::create(&client, &events, &views).await;
    tables::delete(&client, [&views]).await;
    let store = DynamoEventStore::new(client, &events);
    for at in 0..40 {
        let tenant = Tenant::new("local").unwrap();
        let stream = StreamId::new(tenant, AggregateKind::Project, format!("p{at}")).unwrap();
        for golden in Project::GOLDEN {
            let golden: Envelope = serde_json::from_str(golden).unwrap();
            let history = store.load(&stream, Consistency::Strong).await.unwrap();
            let mut draft = contract::draft(history.version().into(), 1);
            draft.events[0].event_type = golden.event_type;
            draft.events[0].event_version = golden.event_version;
            draft.events[0].data = golden.data;
            store.append(&history, draft, &[]).await.unwrap();
        }
    }
    println!("{name} has the table {events} now");
}
