//! One aggregate that cannot be folded does not hold up the others. Time is virtual.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

#[allow(dead_code, unused_imports, reason = "the queue and the mistake are used alone here")]
mod simulate_views;
mod support;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Map, Value, json};
use simulate_views::fragile::{Fragile, poison};
use simulate_views::queue::{SimQueue, TICK, sqs_event};
use skafu_events::{AggregateKind, Envelope, StreamId};
use skafu_functions::projections::{Feed, Outcome, Project, Projections};
use skafu_store::{Consistency, Draft, EventStore, MemoryEventStore, MemoryViewStore, NewEvent};
use skafu_views::ProjectView;
use support::{acme, bus_event};
use tokio::runtime::Builder;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::Instant;
use uuid::Uuid;

const AGGREGATES: usize = 1_000;
const POISONED: usize = 500;

fn stream(at: usize) -> StreamId {
    StreamId::new(acme(), AggregateKind::Project, format!("p{at}")).unwrap()
}

fn draft(event_type: &str, data: Value) -> Draft {
    Draft {
        events: vec![NewEvent { event_type: event_type.to_owned(), event_version: 1, data }],
        command_id: Uuid::now_v7(),
        body_hash: "hash".to_owned(),
        correlation_id: Uuid::now_v7(),
        user_id: "ada".to_owned(),
        timestamp: "2025-01-18T10:30:00.123Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap().into(),
        metadata: Map::new(),
    }
}

/// Two commits of one aggregate: what the bus says of them.
async fn write(store: &MemoryEventStore, at: usize) -> Vec<Envelope> {
    let created = json!({ "name": "Shop", "ownerId": "ada", "templateId": "tiny" });
    let updated = json!({ "changes": { "name": "Blog" }, "previousValues": { "name": "Shop" } });
    let mut events = Vec::new();
    for (event_type, data) in [("ProjectCreated", created), ("ProjectUpdated", updated)] {
        let history = store.load(&stream(at), Consistency::Strong).await.unwrap();
        let commit = store.append(&history, draft(event_type, data), &[]).await.unwrap();
        events.extend(commit.envelopes());
    }
    events
}

/// Two projectors on one queue; a batch takes either of them five ticks.
async fn serve(
    queue: SimQueue,
    handler: Arc<Projections>,
    projector: Arc<dyn Project>,
    shown: Arc<Mutex<BTreeMap<StreamId, Instant>>>,
) {
    loop {
        let batch = queue.receive();
        tokio::time::sleep(TICK * 5).await;
        if batch.is_empty() {
            continue;
        }
        let failed = handler.handle(sqs_event(&batch)).await.batch_item_failures;
        let failed: Vec<String> = failed.into_iter().map(|it| it.item_identifier).collect();
        queue.delete(|id| batch.iter().any(|it| it.id == id) && !failed.contains(&id.to_string()));
        let stream_of = |body: &str| {
            let body: Value = serde_json::from_str(body).unwrap();
            serde_json::from_value::<Envelope>(body["detail"].clone()).unwrap().stream().unwrap()
        };
        let streams: Vec<StreamId> = batch.iter().map(|it| stream_of(&it.body)).collect();
        let rows = projector.gates(&streams, Consistency::Strong).await.unwrap();
        for (stream, row) in streams.into_iter().zip(rows) {
            if row.is_some_and(|row| row.version >= 2) {
                shown.lock().unwrap().entry(stream).or_insert_with(Instant::now);
            }
        }
    }
}

/// How long after its last event each aggregate but the poisoned one is shown, in order.
async fn lags(poisoned: bool) -> Vec<Duration> {
    poison(poisoned.then(|| (stream(POISONED).aggregate_id(), 2)));
    let (store, rows) = (Arc::new(MemoryEventStore::default()), Arc::new(MemoryViewStore::default()));
    let feed = Arc::new(Feed::new::<Fragile<ProjectView>>(store.clone(), rows));
    let projector = feed.of(skafu_views::FIRST_GENERATION);
    let (queue, shown) = (SimQueue::new(7, 0), Arc::<Mutex<BTreeMap<StreamId, Instant>>>::default());
    let mut workers = JoinSet::new();
    let handler = Arc::new(Projections::new(feed));
    for _ in 0..2 {
        workers.spawn_local(serve(queue.clone(), handler.clone(), projector.clone(), shown.clone()));
    }
    let mut sent = BTreeMap::new();
    for at in 0..AGGREGATES {
        for event in write(&store, at).await {
            queue.push(bus_event(&event), 0);
        }
        sent.insert(stream(at), Instant::now());
        // Nearly as much as two projectors can do.
        tokio::time::sleep(TICK).await;
    }
    while !queue.is_empty() {
        tokio::time::sleep(TICK * 10).await;
    }
    let shown = shown.lock().unwrap().clone();
    assert_eq!(shown.contains_key(&stream(POISONED)), !poisoned);
    assert_eq!(handler.tally().of(Outcome::Parked), u64::from(poisoned));
    sent.remove(&stream(POISONED));
    let mut lags: Vec<Duration> = sent.into_iter().map(|(stream, at)| shown[&stream] - at).collect();
    lags.sort();
    lags
}

#[test]
fn one_poisoned_aggregate_among_a_thousand_holds_up_nobody() {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let [without, with] = [false, true].map(|it| LocalSet::new().block_on(&runtime, lags(it)));
    poison(None);
    let total = |lags: &[Duration]| lags.iter().sum::<Duration>();
    let late = |lags: &[Duration]| lags[lags.len() * 99 / 100];
    println!("mean {:?} and {:?}", total(&without) / 999, total(&with) / 999);
    println!("of a hundred the slowest {:?} and {:?}", late(&without), late(&with));
    assert!(total(&with) * 2 <= total(&without) * 3);
    assert!(late(&with) * 2 <= late(&without) * 3);
}
