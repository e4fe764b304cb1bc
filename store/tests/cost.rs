//! What a command costs, counted by the table itself: requests and capacity units.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod support;

use std::sync::Arc;

use serde_json::{Map, json};
use skafu_events::{AggregateKind, StreamId, Tenant, Timestamp};
use skafu_store::{
    Consistency, CountingMeter, Draft, DynamoEventStore, EventStore, History, NewEvent, Snapshot,
};
use uuid::Uuid;

/// An event of 0.6 KB, as it stands in the table: its type, version, id and payload.
const EVENT_BYTES: usize = 600;
const SCHEMA: &str = "5f2f1c0d9a7b4e63";

fn stream(id: &str) -> StreamId {
    let id = format!("8b0fbb9e-2f0c-5d58-9a39-{id:0>12}");
    StreamId::new(Tenant::new("acme").unwrap(), AggregateKind::Project, id).unwrap()
}

fn draft(events: usize) -> Draft {
    let around = "eventId".len()
        + 36
        + "eventType".len()
        + "ProjectCreated".len()
        + "eventVersion".len()
        + 2
        + "data".len();
    let event = NewEvent {
        event_type: "ProjectCreated".to_owned(),
        event_version: 1,
        data: json!({ "text": "x".repeat(EVENT_BYTES - around - 4) }),
    };
    let now: Timestamp = chrono::DateTime::from_timestamp_millis(1_737_196_200_123).unwrap().into();
    Draft {
        events: vec![event; events],
        command_id: Uuid::now_v7(),
        body_hash: "9f86d081884c7d659a2feaa0c55ad015".to_owned(),
        correlation_id: Uuid::now_v7(),
        user_id: "auth0|5f7c8ec7c33c6c004bbafe82".replace('|', "-"),
        timestamp: now,
        metadata: Map::new(),
    }
}

struct Metered {
    store: DynamoEventStore,
    meter: Arc<CountingMeter>,
    client: aws_sdk_dynamodb::Client,
}

impl Metered {
    async fn new() -> Self {
        let (meter, client) = (Arc::new(CountingMeter::default()), support::dynamodb().await);
        let store = DynamoEventStore::new(client.clone(), "events").with_meter(meter.clone());
        Self { store, meter, client }
    }

    /// Another instance on the same table, which has seen nothing yet.
    fn cold(&self) -> DynamoEventStore {
        DynamoEventStore::new(self.client.clone(), "events").with_meter(self.meter.clone())
    }

    /// Requests and units since the last call.
    fn spent(&self) -> (Vec<&'static str>, f64) {
        let consumed = self.meter.take();
        (consumed.iter().map(|it| it.operation).collect(), consumed.iter().map(|it| it.units).sum())
    }

    async fn grow(&self, stream: &StreamId, commits: usize) -> History {
        let mut history = self.store.load_latest(stream, Consistency::Eventual, SCHEMA).await.unwrap();
        for _ in 0..commits {
            self.store.append(&history, draft(1), &[]).await.unwrap();
            history = self.store.load_latest(stream, Consistency::Eventual, SCHEMA).await.unwrap();
        }
        self.meter.take();
        history
    }

    /// Commits of that many events, with a snapshot after each, so that none is read again.
    async fn age(&self, stream: &StreamId, commits: usize, events: usize) -> History {
        let mut history = self.store.load_latest(stream, Consistency::Eventual, SCHEMA).await.unwrap();
        for _ in 0..commits {
            self.store.append(&history, draft(events), &[]).await.unwrap();
            history = self.store.load_latest(stream, Consistency::Eventual, SCHEMA).await.unwrap();
            self.snapshot(&history).await;
        }
        self.store.load_latest(stream, Consistency::Eventual, SCHEMA).await.unwrap()
    }

    async fn snapshot(&self, history: &History) {
        self.snapshot_of(history, 300).await;
    }

    /// A snapshot of a state with a description of so many bytes.
    async fn snapshot_of(&self, history: &History, description: usize) {
        let state = json!({ "name": "Demo Shop", "description": "x".repeat(description), "status": "ready" });
        let (version, recent) = (history.version(), history.recent());
        let snapshot = Snapshot { version, schema: SCHEMA.to_owned(), state, recent };
        self.store.save_snapshot(history.stream(), &snapshot).await.unwrap();
    }
}

/// What any snapshot replaces, at the least price there is.
fn another_schema(history: &History) -> Snapshot {
    let (version, recent) = (history.version(), history.recent());
    Snapshot { version, schema: "another".to_owned(), state: json!(null), recent }
}

#[tokio::test]
async fn a_command_of_one_event_is_one_write_unit_and_of_five_at_most_four() {
    let table = Metered::new().await;
    for (id, events, most) in [("1", 1, 1.0), ("5", 5, 4.0)] {
        let history = table.store.load(&stream(id), Consistency::Eventual).await.unwrap();
        table.meter.take();
        table.store.append(&history, draft(events), &[]).await.unwrap();
        let (requests, units) = table.spent();
        assert_eq!(requests, ["PutItem"]);
        assert!(units <= most, "{events} events: {units} units");
    }
}

#[tokio::test]
async fn a_warm_command_is_one_query_and_one_put() {
    let table = Metered::new().await;
    let history = table.grow(&stream("2"), 20).await;
    table.snapshot(&history).await;
    table.grow(&stream("2"), 10).await;
    let history = table.store.load_latest(&stream("2"), Consistency::Eventual, SCHEMA).await.unwrap();
    let (requests, units) = table.spent();
    assert_eq!((requests.as_slice(), history.commits().len()), (["Query"].as_slice(), 10));
    assert!(units <= 1.5, "warm: {units} read units");
    table.store.append(&history, draft(1), &[]).await.unwrap();
    assert_eq!(table.spent(), (vec!["PutItem"], 1.0));

    let cold = table.cold().load_latest(&stream("2"), Consistency::Eventual, SCHEMA).await.unwrap();
    let (requests, units) = table.spent();
    assert_eq!((requests.as_slice(), cold.version()), (["Query"].as_slice(), 31));
    assert!(units <= 3.0, "cold: {units} read units");
}

#[tokio::test]
async fn a_command_costs_the_same_at_any_age_of_its_aggregate() {
    let table = Metered::new().await;
    let mut costs = Vec::new();
    for (id, commits, events) in [("3", 10, 1), ("4", 100, 100)] {
        let history = table.age(&stream(id), commits, events).await;
        assert_eq!(history.version(), (commits * events) as u64);
        table.grow(history.stream(), 5).await;
        let history = table.store.load_latest(history.stream(), Consistency::Eventual, SCHEMA).await.unwrap();
        let (_, read) = table.spent();
        table.store.append(&history, draft(1), &[]).await.unwrap();
        costs.push(read + table.spent().1);
    }
    assert!(costs[1] <= 1.2 * costs[0], "{costs:?}");
}

#[tokio::test]
async fn a_cold_instance_needs_one_query_right_after_a_snapshot() {
    let table = Metered::new().await;
    let history = table.age(&stream("7"), 30, 1).await;
    table.meter.take();
    for consistency in [Consistency::Eventual, Consistency::Strong] {
        let cold = table.cold().load_latest(history.stream(), consistency, SCHEMA).await.unwrap();
        assert_eq!((cold.version(), cold.commits().len()), (30, 0));
        assert_eq!(table.spent().0, ["Query"]);
    }
}

#[tokio::test]
async fn a_snapshot_of_a_small_state_is_one_write_unit_and_of_one_kilobyte_two() {
    let table = Metered::new().await;
    let history = table.grow(&stream("6"), 80).await;
    for (description, most) in [(140, 1.0), (1_100, 2.0)] {
        table.store.save_snapshot(history.stream(), &another_schema(&history)).await.unwrap();
        table.meter.take();
        table.snapshot_of(&history, description).await;
        let (requests, units) = table.spent();
        assert_eq!(requests, ["PutItem"]);
        assert!(units <= most, "{units} write units with all the commands it can remember, not {most}");
    }
}

#[tokio::test]
async fn a_page_of_the_past_costs_the_same_at_any_age_and_at_any_place() {
    let table = Metered::new().await;
    let mut costs = Vec::new();
    for (id, commits) in [("8", 12), ("9", 300)] {
        let stream = stream(id);
        table.age(&stream, commits, 1).await;
        for before in [None, Some(12)] {
            table.meter.take();
            let page = table.store.page_before(&stream, before, 10).await.unwrap();
            let (requests, units) = table.spent();
            assert_eq!((requests.as_slice(), page.len()), (["Query"].as_slice(), 10));
            costs.push(units);
        }
    }
    // Ten commits of a kilobyte, 4 KB a unit, rounded up.
    assert!(costs.iter().all(|cost| *cost == costs[0] && *cost <= 3.0), "{costs:?} read units");
}
