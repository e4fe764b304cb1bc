//! What the store on DynamoDB makes of a table that was damaged, and of payloads outside of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

#[allow(dead_code, reason = "each test binary uses a part")]
mod contract;
mod support;

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::{draft, grow, stream};
use serde_json::{Value, json};
use skafu_events::StreamId;
use skafu_store::{
    AppendError, Consistency, Draft, DynamoEventStore, EventStore, MemoryPayloads, Snapshot, StoreError,
};

const KB: usize = 1024;

type Item = HashMap<String, AttributeValue>;

/// A store and what lies beneath it.
struct Table {
    client: Client,
    store: DynamoEventStore,
}

impl Table {
    async fn new() -> Self {
        let client = support::dynamodb().await;
        let store = DynamoEventStore::new(client.clone(), "events");
        Self { store: store.with_payloads(Arc::new(MemoryPayloads::default())), client }
    }

    /// Another instance, which remembers nothing and has other payloads.
    fn other(&self) -> DynamoEventStore {
        DynamoEventStore::new(self.client.clone(), "events")
    }

    fn key(stream: &StreamId, sort: &str) -> Item {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        HashMap::from([("PK".to_owned(), text(&stream.to_string())), ("SK".to_owned(), text(sort))])
    }

    async fn item(&self, stream: &StreamId, sort: &str) -> Item {
        let request = self.client.get_item().table_name("events").set_key(Some(Self::key(stream, sort)));
        request.consistent_read(true).send().await.unwrap().item.unwrap()
    }

    async fn put(&self, item: Item) {
        self.client.put_item().table_name("events").set_item(Some(item)).send().await.unwrap();
    }

    async fn delete(&self, stream: &StreamId, sort: &str) {
        let request = self.client.delete_item().table_name("events");
        request.set_key(Some(Self::key(stream, sort))).send().await.unwrap();
    }

    async fn snapshot(&self, stream: &StreamId) -> Snapshot {
        let history = self.store.load(stream, Consistency::Strong).await.unwrap();
        let (version, schema) = (history.version(), "s1".to_owned());
        let snapshot = Snapshot { version, schema, state: json!({ "n": version }), recent: history.recent() };
        self.store.save_snapshot(stream, &snapshot).await.unwrap();
        snapshot
    }
}

/// A commit of events with payloads of these sizes.
fn heavy(command: u128, sizes: &[usize]) -> Draft {
    let mut draft = draft(command, sizes.len());
    for (event, size) in draft.events.iter_mut().zip(sizes) {
        event.data = json!("x".repeat(*size - 2));
    }
    draft
}

fn event_key(version: u64) -> String {
    format!("EVENT#{version:010}")
}

/// What an item weighs, near enough: names and values of texts, as JSON has them.
fn weight(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::L(list) => 3 + list.iter().map(|value| 1 + weight(value)).sum::<usize>(),
        AttributeValue::M(map) => {
            3 + map.iter().map(|(name, value)| 1 + name.len() + weight(value)).sum::<usize>()
        }
        _ => 1,
    }
}

#[tokio::test]
async fn what_does_not_fit_is_kept_outside_and_read_back() {
    let table = Table::new().await;
    for (at, sizes) in [&[150 * KB; 3][..], &[250 * KB], &[KB, 181 * KB], &[100 * KB; 4]].iter().enumerate() {
        let stream = stream(&format!("heavy-{at}"));
        let empty = table.store.load(&stream, Consistency::Strong).await.unwrap();
        let commit = table.store.append(&empty, heavy(1, sizes), &[]).await.unwrap();
        assert!(commit.events.iter().all(|event| event.data_ref.is_none()), "whoever wrote it has it all");
        let item = table.item(&stream, &event_key(1)).await;
        let bytes = weight(&AttributeValue::M(item));
        assert!(bytes <= 400 * KB, "{bytes} bytes in the table");
        for consistency in [Consistency::Eventual, Consistency::Strong] {
            let history = table.store.load(&stream, consistency).await.unwrap();
            assert_eq!(history.commits(), std::slice::from_ref(&commit));
            assert_eq!(table.store.load_latest(&stream, consistency, "s1").await.unwrap(), history);
        }
        assert_eq!(table.store.load_after(&stream, 0).await.unwrap(), std::slice::from_ref(&commit));
        let page = table.store.page_before(&stream, None, 1).await.unwrap();
        assert_eq!(page, std::slice::from_ref(&commit));
        // Who comes too late receives the winner with its payloads.
        match table.store.append(&empty, draft(2, 1), &[]).await {
            Err(AppendError::Collision(winner)) => assert_eq!(*winner, commit),
            other => panic!("expected a collision, not {other:?}"),
        }
    }
}

#[tokio::test]
async fn without_a_place_for_payloads_what_does_not_fit_is_refused() {
    let table = Table::new().await;
    let (store, stream) = (table.other(), stream("nowhere"));
    let empty = store.load(&stream, Consistency::Strong).await.unwrap();
    for sizes in [&[150 * KB; 3][..], &[250 * KB]] {
        let refused = store.append(&empty, heavy(1, sizes), &[]).await;
        assert!(matches!(refused, Err(AppendError::Store(StoreError::OutOfBounds(_)))), "{refused:?}");
    }
    assert_eq!(store.load(&stream, Consistency::Strong).await.unwrap().version(), 0);
    store.append(&empty, heavy(1, &[100 * KB; 3]), &[]).await.unwrap();
}

#[tokio::test]
async fn a_payload_that_is_gone_is_said_to_be() {
    let table = Table::new().await;
    let stream = stream("gone");
    let empty = table.store.load(&stream, Consistency::Strong).await.unwrap();
    table.store.append(&empty, heavy(1, &[250 * KB]), &[]).await.unwrap();
    let elsewhere = table.other().with_payloads(Arc::new(MemoryPayloads::default()));
    for store in [table.other(), elsewhere] {
        let failed = [
            store.load(&stream, Consistency::Eventual).await.err(),
            store.load_latest(&stream, Consistency::Strong, "s1").await.err(),
            store.load_after(&stream, 0).await.err(),
            store.page_before(&stream, None, 1).await.err(),
        ];
        for error in failed {
            assert!(matches!(&error, Some(StoreError::MissingPayload { key }) if key.starts_with("acme/")));
            assert!(!error.unwrap().is_retryable());
        }
    }
}

#[tokio::test]
async fn a_hole_is_damage_and_is_never_read_over() {
    for hole in [1, 2, 4] {
        let table = Table::new().await;
        let stream = stream("hole");
        grow(&table.store, &stream, 1, 5).await;
        table.delete(&stream, &event_key(hole)).await;
        let failed = [
            table.store.load(&stream, Consistency::Eventual).await.err(),
            table.store.load(&stream, Consistency::Strong).await.err(),
            table.store.load_after(&stream, hole - 1).await.err(),
            table.store.page_before(&stream, None, 5).await.err(),
            table.other().with_page_size(1).page_before(&stream, Some(6), 9).await.err(),
            table.store.load_latest(&stream, Consistency::Eventual, "s1").await.err(),
            table.other().with_page_size(2).load_latest(&stream, Consistency::Strong, "s1").await.err(),
        ];
        for error in failed {
            match error {
                Some(StoreError::CorruptStream { stream: corrupt, missing }) => {
                    assert_eq!((corrupt, missing), (stream.clone(), hole));
                }
                other => panic!("a hole at {hole} is read over: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_hole_behind_a_snapshot_is_found_too() {
    let table = Table::new().await;
    let stream = stream("tail");
    grow(&table.store, &stream, 1, 3).await;
    table.snapshot(&stream).await;
    grow(&table.store, &stream, 10, 3).await;
    table.delete(&stream, &event_key(4)).await;
    for store in [table.store.clone(), table.other(), table.other().with_page_size(1)] {
        let error = store.load_latest(&stream, Consistency::Eventual, "s1").await.err();
        assert!(matches!(error, Some(StoreError::CorruptStream { missing: 4, .. })), "{error:?}");
    }
}

#[tokio::test]
async fn a_commit_that_cannot_be_read_is_told_from_one_that_is_missing() {
    let table = Table::new().await;
    let stream = stream("unreadable");
    grow(&table.store, &stream, 1, 3).await;
    let mut item = table.item(&stream, &event_key(2)).await;
    item.remove("events");
    table.put(item).await;
    let error = table.store.load(&stream, Consistency::Strong).await.err();
    assert!(matches!(error, Some(StoreError::Undecodable { .. })), "{error:?}");
}

/// Every way in which one attribute of a snapshot can be wrong.
fn damages(sound: &Item) -> Vec<(String, Option<AttributeValue>)> {
    let text = |text: &str| Some(AttributeValue::S(text.to_owned()));
    let mut damages = Vec::new();
    for name in ["v", "schema", "state", "recent"] {
        damages.push((name.to_owned(), None));
        damages.push((name.to_owned(), Some(AttributeValue::Bool(true))));
        damages.push((name.to_owned(), Some(AttributeValue::L(vec![]))));
    }
    for number in ["0", "-3", "2.5"] {
        damages.push(("v".to_owned(), Some(AttributeValue::N(number.to_owned()))));
    }
    damages.push(("v".to_owned(), text("3")));
    damages.push(("schema".to_owned(), text("s2")));
    damages.push(("state".to_owned(), text("{\"n\":")));
    damages.push(("state".to_owned(), text("")));
    let bytes = sound["recent"].as_b().unwrap().as_ref();
    let recent = |bytes: Vec<u8>| Some(AttributeValue::B(Blob::new(bytes)));
    damages.push(("recent".to_owned(), recent(bytes[..bytes.len() - 1].to_vec())));
    damages.push(("recent".to_owned(), recent(bytes.repeat(30))));
    damages.push(("recent".to_owned(), text("text")));
    damages
}

#[tokio::test]
async fn a_damaged_snapshot_is_no_snapshot_and_the_next_one_takes_its_place() {
    let table = Table::new().await;
    let stream = stream("damaged");
    grow(&table.store, &stream, 1, 3).await;
    table.snapshot(&stream).await;
    let sound = table.item(&stream, "SNAPSHOT").await;
    let whole = table.store.load(&stream, Consistency::Strong).await.unwrap();
    for (name, value) in damages(&sound) {
        let mut item = sound.clone();
        let shown = format!("{name} = {value:?}");
        match value {
            Some(value) => drop(item.insert(name, value)),
            None => drop(item.remove(&name)),
        }
        table.delete(&stream, "SNAPSHOT").await;
        table.put(item).await;
        // One instance remembers the snapshot as it was, the other has never seen it.
        for store in [table.store.clone(), table.other()] {
            let latest = store.load_latest(&stream, Consistency::Eventual, "s1").await.unwrap();
            assert_eq!(latest, whole, "{shown}");
        }
        let next = Snapshot {
            version: whole.version() + 1,
            schema: "s1".to_owned(),
            state: Value::Null,
            recent: whole.recent(),
        };
        table.store.save_snapshot(&stream, &next).await.unwrap();
        let kept = table.item(&stream, "SNAPSHOT").await;
        assert_eq!(kept["v"], AttributeValue::N("4".to_owned()), "{shown} is never replaced");
    }
}

#[tokio::test]
async fn a_snapshot_that_disappears_is_not_missed() {
    let table = Table::new().await;
    let stream = stream("disappears");
    let whole = grow(&table.store, &stream, 1, 30).await;
    table.snapshot(&stream).await;
    table.store.load_latest(&stream, Consistency::Strong, "s1").await.unwrap();
    table.delete(&stream, "SNAPSHOT").await;
    for store in [table.store.clone(), table.store.clone().with_page_size(2), table.other()] {
        assert_eq!(store.load_latest(&stream, Consistency::Eventual, "s1").await.unwrap(), whole);
    }
    let grown = grow(&table.store, &stream, 50, 3).await;
    assert_eq!(table.store.load_latest(&stream, Consistency::Eventual, "s1").await.unwrap(), grown);
}
