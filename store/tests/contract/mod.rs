//! What every store does, whatever it is made of.

pub mod cost;
pub mod events;
pub mod latest;
pub mod pages;
pub mod scan;
pub mod transactions;
pub mod views;

use std::cell::RefCell;
use std::fmt::Debug;
use std::time::{Duration, Instant};

use serde_json::{Map, json};
use skafu_events::{AggregateKind, StreamId, Tenant, Timestamp};
use skafu_store::{Consistency, Draft, EventStore, History, NewEvent, Snapshot};
use uuid::Uuid;

/// How long a copy may stay behind. On AWS it is usually less than a second.
const PATIENCE: Duration = Duration::from_secs(30);

thread_local! {
    /// Whose streams the suites write to; a suite and its tasks run on one thread.
    static TENANT: RefCell<String> = RefCell::new("acme".to_owned());
}

/// From now on the suites of this thread write where nobody has written before.
pub fn in_a_fresh_tenant() {
    TENANT.set(format!("t{}", Uuid::now_v7().simple()));
}

pub fn tenant() -> Tenant {
    Tenant::new(TENANT.with_borrow(String::clone)).unwrap()
}

pub fn stream(id: &str) -> StreamId {
    StreamId::new(tenant(), AggregateKind::Project, id).unwrap()
}

/// Asks until the answer is the one expected: what is eventually consistent may be behind for a while.
pub async fn eventually<T: PartialEq + Debug>(expected: &T, ask: impl AsyncFn() -> T) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = ask().await;
        if answer == *expected {
            return;
        }
        if Instant::now() > deadline {
            assert_eq!(answer, *expected, "still after {PATIENCE:?}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

pub fn draft(command: u128, events: usize) -> Draft {
    let event = |n: usize| NewEvent {
        event_type: "ProjectCreated".to_owned(),
        event_version: 1,
        data: json!({ "n": n, "text": "päckchen", "price": 1.25, "none": null, "list": [1, "a", {}], "no": "" }),
    };
    Draft {
        events: (0..events).map(event).collect(),
        command_id: Uuid::from_u128(command),
        body_hash: "hash".to_owned(),
        correlation_id: Uuid::from_u128(command + 1),
        user_id: "alice".to_owned(),
        timestamp: now(),
        metadata: Map::from_iter([("traceparent".to_owned(), json!("00-1-2-01"))]),
    }
}

fn now() -> Timestamp {
    chrono::DateTime::from_timestamp_millis(1_737_196_200_123).unwrap().into()
}

/// Appends `commits` commits of one event each, by the commands from `first_command` on.
pub async fn grow(store: &dyn EventStore, stream: &StreamId, first_command: u128, commits: u128) -> History {
    let mut history = store.load(stream, Consistency::Strong).await.unwrap();
    for command in first_command..first_command + commits {
        store.append(&history, draft(command, 1), &[]).await.unwrap();
        history = store.load(stream, Consistency::Strong).await.unwrap();
    }
    history
}

/// Appends `commits` commits of `events` events each, however long the history: from one snapshot to the
/// next, none of which anybody else can use.
pub async fn grow_long(
    store: &dyn EventStore,
    stream: &StreamId,
    first_command: u128,
    commits: u128,
    events: usize,
) {
    for command in first_command..first_command + commits {
        let history = store.load_latest(stream, Consistency::Strong, "growing").await.unwrap();
        let commit = store.append(&history, draft(command, events), &[]).await.unwrap();
        let (version, recent) = (commit.last_version(), history.recent());
        let snapshot = Snapshot { version, schema: "growing".to_owned(), state: json!(null), recent };
        store.save_snapshot(stream, &snapshot).await.unwrap();
    }
}
