//! How fast a view is rebuilt, beside what the embedded DynamoDB takes of a bare parallel scan of the same
//! events and one put for each aggregate, in one run and at the same concurrency.
//!
//! `cargo bench -p skafu-functions --bench rebuild`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot run ends"
)]

#[path = "../../store/tests/support/mod.rs"]
mod dynamo;

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use futures::StreamExt;
use serde_json::{Map, Value, json};
use skafu_events::{AggregateKind, StreamId, Tenant};
use skafu_functions::projections::feed;
use skafu_functions::rebuild::Rebuild;
use skafu_store::{
    Consistency, Draft, DynamoEventStore, DynamoViewStore, EventStore, NewEvent, Row, Segment, ViewStore,
};
use uuid::Uuid;

const AGGREGATES: usize = 1_000;
const SEGMENTS: u32 = 4;
/// Writes at once in one segment, as the rebuild makes them.
const AT_ONCE: usize = 16;
/// Figures are the middle turn's.
const TURNS: usize = 5;

fn stream(at: usize) -> StreamId {
    StreamId::new(Tenant::new("bench").unwrap(), AggregateKind::Project, format!("p-{at}")).unwrap()
}

fn draft(event_type: &str, data: Value) -> Draft {
    Draft {
        events: vec![NewEvent { event_type: event_type.to_owned(), event_version: 1, data }],
        command_id: Uuid::now_v7(),
        body_hash: "hash".to_owned(),
        correlation_id: Uuid::now_v7(),
        user_id: "ada".to_owned(),
        timestamp: chrono::Utc::now().into(),
        metadata: Map::new(),
    }
}

/// A history of `commits` commits for every aggregate.
async fn write(events: &DynamoEventStore, commits: usize) {
    for at in 0..AGGREGATES {
        for number in 0..commits {
            let history = events.load(&stream(at), Consistency::Strong).await.unwrap();
            let created = json!({
                "name": "Shop", "description": "x".repeat(300), "ownerId": "ada", "templateId": "tiny"
            });
            let updated = json!({ "changes": { "name": format!("Shop {number}") }, "previousValues": { "name": "Shop" } });
            let draft =
                if number == 0 { draft("ProjectCreated", created) } else { draft("ProjectUpdated", updated) };
            events.append(&history, draft, &[]).await.unwrap();
        }
    }
}

/// Seconds for a rebuild from the beginning to the flip.
async fn rebuild(events: &Arc<DynamoEventStore>, rows: &Arc<DynamoViewStore>, view: &str) -> f64 {
    let feed = feed(view, events.clone(), rows.clone()).unwrap();
    let rebuild = Rebuild::new(feed, events.clone(), rows.clone(), Duration::ZERO);
    let start = Instant::now();
    let begun = rebuild.begin(SEGMENTS).await.unwrap();
    let segments = (0..SEGMENTS).map(|index| rebuild.segment(&begun, index, &|_| false));
    futures::stream::iter(segments.collect::<Vec<_>>())
        .buffer_unordered(SEGMENTS as usize)
        .for_each(|it| async { drop(it.unwrap()) })
        .await;
    rebuild.check(&begun).await.unwrap();
    rebuild.flip(&begun, Duration::from_secs(1)).await.unwrap();
    start.elapsed().as_secs_f64()
}

/// Seconds for a scan that looks at nothing, and a conditional put of a row for each aggregate.
async fn bare(client: &Client, rows: &DynamoViewStore, written: &[Row]) -> f64 {
    let start = Instant::now();
    let share = written.len().div_ceil(SEGMENTS as usize);
    let segments = (0..SEGMENTS).map(|index| async move {
        let mut after = None;
        loop {
            let scan = client.scan().table_name("events").consistent_read(true).limit(500);
            let scan = scan.segment(i32::try_from(index).unwrap()).total_segments(4);
            let page = scan.set_exclusive_start_key(after).send().await.unwrap();
            after = page.last_evaluated_key;
            if after.is_none() {
                break;
            }
        }
        let mine = written.chunks(share).nth(index as usize).unwrap_or_default();
        let puts: Vec<_> = mine.iter().map(|row| rows.put(row, None)).collect();
        futures::stream::iter(puts).buffer_unordered(AT_ONCE).for_each(|it| async { it.unwrap() }).await;
    });
    futures::stream::iter(segments.collect::<Vec<_>>())
        .buffer_unordered(SEGMENTS as usize)
        .for_each(|()| async {})
        .await;
    start.elapsed().as_secs_f64()
}

/// The rows of a generation, as new ones.
async fn rows_of(rows: &DynamoViewStore, generation: u32, turn: usize) -> Vec<Row> {
    let (mut found, mut after) = (Vec::new(), None);
    let mine = format!("bench/project.{generation}/");
    loop {
        let page = rows.scan(Segment::WHOLE, after.as_ref(), 500).await.unwrap();
        found.extend(page.rows.into_iter().filter(|row| row.key.partition.starts_with(&mine)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    for row in &mut found {
        row.key.partition = format!("bare-{turn}/{}", row.key.partition);
        for (_, place) in &mut row.indexes {
            place.partition = format!("bare-{turn}/{}", place.partition);
        }
    }
    found
}

fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("| commits per aggregate | rebuild, aggregates/s | bare scan and puts | ratio | `user` view |");
    println!("|---|---|---|---|---|");
    for commits in [1, 5, 20] {
        let client = dynamo::dynamodb().await;
        let events = Arc::new(DynamoEventStore::new(client.clone(), "events"));
        let rows = Arc::new(DynamoViewStore::new(client.clone(), "views"));
        write(&events, commits).await;
        let (mut rebuilt, mut plain, mut users) = (Vec::new(), Vec::new(), Vec::new());
        for turn in 0..TURNS {
            rebuilt.push(AGGREGATES as f64 / rebuild(&events, &rows, "project").await);
            let written = rows_of(&rows, u32::try_from(turn).unwrap() + 2, turn).await;
            assert_eq!(written.len(), AGGREGATES);
            plain.push(AGGREGATES as f64 / bare(&client, &rows, &written).await);
            users.push(AGGREGATES as f64 / rebuild(&events, &rows, "user").await);
        }
        let (rebuilt, plain, users) = (middle(rebuilt), middle(plain), middle(users));
        println!("| {commits} | {rebuilt:.0} | {plain:.0} | {:.2} | {users:.0} |", rebuilt / plain);
    }
}
