//! How the `relay` function publishes from the event table what it could not publish from the stream.

use std::sync::Arc;

use crate::support::{Faults, PickyBus, Seen, World, acme, inserted, messages, stream_event};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use skafu_events::{AggregateKind, Commit, Envelope, StreamId, Timestamp};
use skafu_functions::queues::MemoryQueue;
use skafu_functions::relay::{BusEntry, EventPublisher, MemoryBus, Redrive, Relay, RelayQueues};
use skafu_store::{Consistency, Draft, EventStore, MemoryEventStore, NewEvent};
use uuid::Uuid;

/// A project that was stuck and is undone: five events in four commits, of which the second holds two.
async fn undone() -> (World, Vec<Commit>) {
    let world = World::new().await;
    let id = world.undone("Shop").await;
    let commits = world.commits(AggregateKind::Project, &id);
    world.store.take_seen();
    (world, commits)
}

fn key(stream: &StreamId, from: u64, to: u64) -> String {
    json!({ "stream": stream, "fromVersion": from, "toVersion": to }).to_string()
}

/// Redrives messages; the answer names those to be delivered again.
async fn redrive(
    events: Arc<dyn EventStore>,
    bus: Arc<dyn EventPublisher>,
    bodies: &[String],
) -> Vec<String> {
    let answer = Redrive::new(events, bus).handle(messages(bodies)).await;
    answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

fn details(bus: &MemoryBus) -> Vec<Envelope> {
    bus.entries().into_iter().map(|entry| entry.detail).collect()
}

#[tokio::test]
async fn what_the_relay_queued_is_published_in_order_under_the_same_event_ids() {
    let (world, commits) = undone().await;
    let unpublished = Arc::new(MemoryQueue::default());
    let queues = RelayQueues { unpublished: unpublished.clone(), sweep: Arc::new(MemoryQueue::default()) };
    let records: Vec<Value> =
        commits.iter().zip(100..).map(|(commit, at)| inserted(commit, &at.to_string())).collect();
    Relay::new(PickyBus::silent(), queues).handle(stream_event(records)).await;
    let bus = Arc::new(MemoryBus::default());
    assert_eq!(redrive(world.store.clone(), bus.clone(), &unpublished.bodies()).await, [""; 0]);
    let expected: Vec<BusEntry> = commits.iter().flat_map(BusEntry::of).collect();
    assert_eq!((expected.len(), bus.entries()), (5, expected));
}

#[tokio::test]
async fn only_the_commits_of_the_range_are_published_whole_and_strongly_read() {
    let (world, commits) = undone().await;
    let stream = &commits[0].stream;
    // The last is what the relay knows of a commit it could not read: where it begins.
    for (from, to, expected) in
        [(1, 1, vec![1]), (2, 3, vec![2, 3]), (2, 4, vec![2, 3, 4]), (2, 2, vec![2, 3])]
    {
        let bus = Arc::new(MemoryBus::default());
        assert_eq!(redrive(world.store.clone(), bus.clone(), &[key(stream, from, to)]).await, [""; 0]);
        let versions: Vec<u64> = details(&bus).iter().map(|it| it.aggregate_version).collect();
        assert_eq!(versions, expected);
        assert_eq!(world.store.take_seen(), [Seen::Load(Consistency::Strong)]);
    }
}

#[tokio::test]
async fn what_it_cannot_publish_is_reported_message_by_message() {
    let (world, commits) = undone().await;
    let nobody = StreamId::new(acme(), AggregateKind::Project, "nobody").unwrap();
    let bodies = [
        "{".to_owned(),
        json!({ "keys": { "PK": { "S": "nonsense" }, "SK": { "S": "EVENT#1" } } }).to_string(),
        key(&commits[0].stream, 2, 6),
        key(&nobody, 1, 1),
        key(&commits[0].stream, 5, 5),
        json!({ "stream": "acme/NOBODY#1", "fromVersion": 1, "toVersion": 1 }).to_string(),
    ];
    let bus = Arc::new(MemoryBus::default());
    assert_eq!(redrive(world.store.clone(), bus.clone(), &bodies).await, ["m0", "m1", "m2", "m3", "m5"]);
    assert_eq!(details(&bus).len(), 1, "nothing of a range that is not all there");
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_asked_again_later() {
    let (world, commits) = undone().await;
    world.store.suffer(Faults { outages: 1, ..Faults::default() });
    let (bus, bodies) = (Arc::new(MemoryBus::default()), [key(&commits[0].stream, 1, 5)]);
    assert_eq!(redrive(world.store.clone(), bus.clone(), &bodies).await, ["m0"]);
    assert_eq!(redrive(world.store.clone(), bus.clone(), &bodies).await, [""; 0]);
    assert_eq!(details(&bus).len(), 5);
}

/// A stream of one commit with these payloads.
async fn stream_of(payloads: Vec<Value>) -> (Arc<MemoryEventStore>, Commit) {
    let store = Arc::new(MemoryEventStore::default());
    let stream = StreamId::new(acme(), AggregateKind::Project, "p").unwrap();
    let event = |data| NewEvent { event_type: "ProjectSaid".to_owned(), event_version: 1, data };
    let draft = Draft {
        events: payloads.into_iter().map(event).collect(),
        command_id: Uuid::from_u128(1),
        body_hash: "0".repeat(32),
        correlation_id: Uuid::from_u128(2),
        user_id: "alice".to_owned(),
        timestamp: "2025-01-18T10:30:00Z"
            .parse::<chrono::DateTime<chrono::Utc>>()
            .map(Timestamp::from)
            .unwrap(),
        metadata: serde_json::Map::new(),
    };
    let nothing = store.load(&stream, Consistency::Strong).await.unwrap();
    let commit = store.append(&nothing, draft, &[]).await.unwrap();
    (store, commit)
}

#[tokio::test]
async fn what_the_bus_refuses_is_tried_three_times_and_nothing_after_it_is_published() {
    let (store, commit) = stream_of((0..12).map(|at| json!(at)).collect()).await;
    let bodies = [key(&commit.stream, 1, 12)];
    let bus = PickyBus::refusing(|it| it.aggregate_version == 4);
    assert_eq!(redrive(store.clone(), bus.clone(), &bodies).await, ["m0"]);
    assert_eq!(*bus.requests.lock().unwrap(), [10, 1, 1]);
    assert_eq!(redrive(store, PickyBus::silent(), &bodies).await, ["m0"]);
}

#[tokio::test]
async fn a_payload_too_large_for_the_bus_is_published_by_reference() {
    let large = json!({ "text": "x".repeat(200 * 1024) });
    let (store, commit) = stream_of(vec![json!({ "text": "x" }), large.clone()]).await;
    let bus = Arc::new(MemoryBus::default());
    assert_eq!(redrive(store, bus.clone(), &[key(&commit.stream, 1, 2)]).await, [""; 0]);
    let details = details(&bus);
    assert_eq!((&details[0].data, &details[0].data_ref), (&json!({ "text": "x" }), &None));
    let reference = details[1].data_ref.clone().unwrap();
    let text = large.to_string();
    let sha256: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((reference.sha256, reference.size), (sha256, text.len() as u64));
    assert_eq!(details[1].data, Value::Null);
}
