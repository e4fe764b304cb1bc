//! How many aggregates a second a projector brings up to date, beside what the embedded DynamoDB takes of
//! bare conditional writes of the same rows, in one run and at the same concurrency.
//!
//! `cargo bench -p skafu-functions --bench projector`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot run ends"
)]

#[path = "../../store/tests/support/mod.rs"]
mod dynamo;

use std::sync::Arc;
use std::time::Instant;

use aws_lambda_events::sqs::SqsEvent;
use futures::StreamExt;
use serde_json::{Map, Value, json};
use skafu_events::{AggregateKind, Commit, RecordedEvent, StreamId, Tenant, event_id};
use skafu_functions::projections::{Projections, feed};
use skafu_store::{Consistency, DynamoEventStore, DynamoViewStore, Row, ViewStore};
use skafu_views::{NAMES, View};
use uuid::Uuid;

/// A queue's batch.
const BATCH: usize = 10;
/// Aggregates of one turn, and how many turns; figures are the middle turn's.
const AGGREGATES: usize = 200;
const TURNS: usize = 7;

fn stream(turn: usize, at: usize) -> StreamId {
    StreamId::new(Tenant::new("bench").unwrap(), AggregateKind::Project, format!("p-{turn}-{at}")).unwrap()
}

fn commit(stream: StreamId, version: u64) -> Commit {
    let (event_type, data) = if version == 1 {
        let created =
            json!({ "name": "Shop", "description": "x".repeat(300), "ownerId": "ada", "templateId": "tiny" });
        ("ProjectCreated", created)
    } else {
        ("ProjectUpdated", json!({ "changes": { "name": "Blog" }, "previousValues": { "name": "Shop" } }))
    };
    let event = RecordedEvent {
        event_id: event_id(&stream, version),
        event_type: event_type.to_owned(),
        event_version: 1,
        data,
        data_ref: None,
    };
    Commit {
        stream,
        first_version: version,
        events: vec![event],
        command_id: Uuid::now_v7(),
        body_hash: "hash".to_owned(),
        correlation_id: Uuid::now_v7(),
        user_id: "ada".to_owned(),
        timestamp: chrono::Utc::now().into(),
        metadata: Map::new(),
    }
}

/// A batch as the queue hands it over: one event of each of ten aggregates.
fn batches(turn: usize, version: u64) -> Vec<SqsEvent> {
    let record = |at: usize| {
        let envelope = commit(stream(turn, at), version).envelopes().next().unwrap();
        json!({ "messageId": at.to_string(), "body": json!({ "detail": envelope }).to_string(), "attributes": {}, "messageAttributes": {} })
    };
    let records: Vec<Value> = (0..AGGREGATES).map(record).collect();
    records.chunks(BATCH).map(|it| serde_json::from_value(json!({ "Records": it })).unwrap()).collect()
}

/// Seconds for one event of every aggregate.
async fn project(handler: &Projections, batches: Vec<SqsEvent>) -> f64 {
    let start = Instant::now();
    for batch in batches {
        assert!(handler.handle(batch).await.batch_item_failures.is_empty());
    }
    start.elapsed().as_secs_f64()
}

/// Seconds for a bare conditional write of every row, as many at a time.
async fn write(rows: &DynamoViewStore, written: &[Row]) -> f64 {
    let start = Instant::now();
    for batch in written.chunks(BATCH) {
        let puts = batch.iter().map(|row| rows.put(row, Some(row.version - 1)));
        futures::stream::iter(puts).buffer_unordered(BATCH).for_each(|it| async { it.unwrap() }).await;
    }
    start.elapsed().as_secs_f64()
}

fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let client = dynamo::dynamodb().await;
    let events = Arc::new(DynamoEventStore::new(client.clone(), "events"));
    println!("| view | aggregates/s | bare conditional writes/s | ratio |\n|---|---|---|---|");
    for (view, name) in NAMES.into_iter().enumerate() {
        if name == skafu_views::TemplateView::NAME {
            continue;
        }
        let rows = Arc::new(DynamoViewStore::new(client.clone(), "views"));
        let feed = feed(name, events.clone(), rows.clone()).unwrap();
        let projector = feed.of(skafu_views::FIRST_GENERATION);
        let handler = Projections::new(feed);
        let (mut projected, mut written) = (Vec::new(), Vec::new());
        for turn in 0..TURNS {
            let turn = view * TURNS + turn;
            project(&handler, batches(turn, 1)).await;
            projected.push(AGGREGATES as f64 / project(&handler, batches(turn, 2)).await);
            let streams: Vec<StreamId> = (0..AGGREGATES).map(|at| stream(turn, at)).collect();
            let mut bare = Vec::new();
            for streams in streams.chunks(100) {
                bare.extend(
                    projector.gates(streams, Consistency::Strong).await.unwrap().into_iter().flatten(),
                );
            }
            bare.iter_mut().for_each(|row| row.version += 1);
            written.push(AGGREGATES as f64 / write(&rows, &bare).await);
        }
        let (projected, written) = (middle(projected), middle(written));
        println!("| {name} | {projected:.0} | {written:.0} | {:.2} |", projected / written);
    }
}
