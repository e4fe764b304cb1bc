//! How many commands a second the event store takes, one after the other, on the embedded DynamoDB.
//!
//! `cargo bench -p skafu-store --bench commands`

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run ends")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use skafu_events::{AggregateKind, StreamId, Tenant};
use skafu_store::{Consistency, Draft, DynamoEventStore, EventStore, History, NewEvent, Snapshot};
use uuid::Uuid;

const HISTORIES: [u64; 3] = [10, 1_000, 10_000];
const EVENTS: [usize; 2] = [1, 5];
/// The most events of one commit: histories are written in as few as can be.
const LARGEST: usize = 100;
const SNAPSHOT_EVERY: u64 = 20;
const SCHEMA: &str = "5f2f1c0d9a7b4e63";
/// Commands of a series, and how many series.
const COMMANDS: u32 = 200;
const TIMES: usize = 5;

fn draft(events: usize) -> Draft {
    let event = NewEvent {
        event_type: "DocumentEdited".to_owned(),
        event_version: 1,
        data: json!({ "text": "x".repeat(589) }),
    };
    Draft {
        events: vec![event; events],
        command_id: Uuid::now_v7(),
        body_hash: "9f86d081884c7d659a2feaa0c55ad015".to_owned(),
        correlation_id: Uuid::now_v7(),
        user_id: "2f6c1a84-5b0e-4a57-9d1c-7d4f3b8e9a10".to_owned(),
        timestamp: chrono::Utc::now().into(),
        metadata: Map::new(),
    }
}

/// The state: what the last event says.
fn fold(history: &History) -> Value {
    let base = history.snapshot().map(|snapshot| snapshot.state.clone()).unwrap_or_default();
    history.events().last().map_or(base, |event| event.data.clone())
}

/// Where a series' time went.
#[derive(Default)]
struct Spent {
    load: Duration,
    append: Duration,
    snapshot: Duration,
}

/// Load, fold, append, and keep a snapshot when one is due: what the command handler does.
async fn command(store: &dyn EventStore, stream: &StreamId, events: usize, spent: &mut Spent) -> u64 {
    let start = Instant::now();
    let history = store.load_latest(stream, Consistency::Eventual, SCHEMA).await.unwrap();
    let state = fold(&history);
    let loaded = Instant::now();
    let commit = store.append(&history, draft(events), &[]).await.unwrap();
    let appended = Instant::now();
    if commit.last_version() - history.snapshot_version() >= SNAPSHOT_EVERY {
        let mut recent = history.recent();
        recent.remember(&commit);
        let snapshot = Snapshot { version: commit.last_version(), schema: SCHEMA.to_owned(), state, recent };
        store.save_snapshot(stream, &snapshot).await.unwrap();
    }
    spent.load += loaded - start;
    spent.append += appended - loaded;
    spent.snapshot += appended.elapsed();
    commit.last_version()
}

async fn series(store: &dyn EventStore, history: u64, events: usize) -> Spent {
    let id = Uuid::now_v7().to_string();
    let stream = StreamId::new(Tenant::new("acme").unwrap(), AggregateKind::Project, id).unwrap();
    let (mut version, mut spent) = (0, Spent::default());
    while version < history {
        let left = usize::try_from(history - version).unwrap();
        version = command(store, &stream, left.min(LARGEST), &mut spent).await;
    }
    spent = Spent::default();
    for _ in 0..COMMANDS {
        command(store, &stream, events, &mut spent).await;
    }
    spent
}

/// Prints the middle series, with the rates of the slowest and the fastest.
fn report(history: u64, events: usize, mut series: Vec<Spent>) {
    let rate =
        |spent: &Spent| f64::from(COMMANDS) / (spent.load + spent.append + spent.snapshot).as_secs_f64();
    series.sort_by(|one, other| rate(one).total_cmp(&rate(other)));
    let (slowest, middle, fastest) = (&series[0], &series[TIMES / 2], &series[TIMES - 1]);
    let each = |time: Duration| time.as_secs_f64() * 1000.0 / f64::from(COMMANDS);
    println!(
        "history {history:>6}, {events} events: {:>5.0} ({:.0}–{:.0}); ms each: load {:.2}, append {:.2}, snapshots {:.2}",
        rate(middle),
        rate(slowest),
        rate(fastest),
        each(middle.load),
        each(middle.append),
        each(middle.snapshot),
    );
}

#[tokio::main]
async fn main() {
    let store = DynamoEventStore::new(support::dynamodb().await, "events");
    println!("commands a second, one after the other; snapshots every {SNAPSHOT_EVERY} events");
    for history in HISTORIES {
        for events in EVENTS {
            let mut all = Vec::new();
            for _ in 0..TIMES {
                all.push(series(&store, history, events).await);
            }
            report(history, events, all);
        }
    }
}
