//! What the `relay` function publishes of the event table's stream, and what it does with damaged records.

use std::sync::Arc;

use crate::support::relayed::{Queues, again_from, all_is_well, key, of, records, relay, two_projects};
use crate::support::{PickyBus, World, inserted};
use serde_json::{Value, json};
use skafu_events::{AggregateKind, Commit};
use skafu_functions::relay::MemoryBus;

#[tokio::test]
async fn every_event_of_a_commit_is_published_in_order_and_in_its_envelope() {
    let (one, _) = two_projects().await;
    let bus = Arc::new(MemoryBus::default());
    assert_eq!(relay(bus.clone(), records(&one)).await, all_is_well());
    let entries = bus.entries();
    let types: Vec<_> = entries.iter().map(|entry| entry.detail_type.as_str()).collect();
    assert_eq!(types, ["ProjectCreated", "ProjectCreationFailed", "ProjectCreationStuck"]);
    assert!(entries.iter().all(|entry| entry.source == "skafu.project"));
    let expected: Vec<_> = one.iter().flat_map(Commit::envelopes).collect();
    assert_eq!(entries.iter().map(|entry| entry.detail.clone()).collect::<Vec<_>>(), expected);
    let place = |at: usize| {
        let detail = &entries[at].detail;
        (detail.aggregate_version, detail.metadata.commit_version, detail.metadata.commit_size)
    };
    assert_eq!([place(0), place(1), place(2)], [(1, 1, 1), (2, 2, 2), (3, 2, 2)]);
    assert_eq!(entries[1].time, one[1].timestamp);
}

#[tokio::test]
async fn the_source_is_the_context_of_the_aggregate() {
    let world = World::new().await;
    let commits = world.commits(AggregateKind::Template, "tiny");
    let bus = Arc::new(MemoryBus::default());
    relay(bus.clone(), records(&commits)).await;
    assert!(bus.entries().iter().all(|entry| entry.source == "skafu.template"));
    assert_eq!(bus.entries().len(), 3);
}

#[tokio::test]
async fn a_commit_that_was_changed_or_removed_is_never_published() {
    let (one, _) = two_projects().await;
    for name in ["MODIFY", "REMOVE"] {
        let bus = Arc::new(MemoryBus::default());
        let mut records = records(&one);
        records[0]["eventName"] = json!(name);
        if name == "REMOVE" {
            records[0]["dynamodb"].as_object_mut().unwrap().remove("NewImage");
        }
        assert_eq!(relay(bus.clone(), records).await, all_is_well(), "{name}");
        let types: Vec<_> = bus.entries().into_iter().map(|entry| entry.detail_type).collect();
        assert_eq!(types, ["ProjectCreationFailed", "ProjectCreationStuck"], "{name}");
    }
}

#[tokio::test]
async fn what_is_no_commit_is_none_of_the_relays_business() {
    let (one, _) = two_projects().await;
    let bus = Arc::new(MemoryBus::default());
    let mut others = Vec::new();
    for (partition, sort) in [("acme/NAME#shop", "RESERVATION"), ("acme/PROJECT#p", "SNAPSHOT")] {
        let mut record = inserted(&one[0], "100");
        let key = json!({ "PK": { "S": partition }, "SK": { "S": sort } });
        record["dynamodb"]["Keys"] = key.clone();
        record["dynamodb"]["NewImage"] = key;
        others.push(record);
    }
    assert_eq!(relay(bus.clone(), others).await, all_is_well());
    assert_eq!(bus.entries(), []);
}

#[tokio::test]
async fn a_request_holds_at_most_ten_entries() {
    let (one, _) = two_projects().await;
    let bus = PickyBus::refusing(|_| false);
    relay(bus.clone(), records(std::iter::repeat_n(&one, 8).flatten())).await;
    assert_eq!(*bus.requests.lock().unwrap(), [10, 10, 4]);
}

#[tokio::test]
async fn what_is_delivered_again_is_published_under_the_same_event_ids() {
    let (one, _) = two_projects().await;
    let bus = Arc::new(MemoryBus::default());
    for _ in 0..2 {
        assert_eq!(relay(bus.clone(), records(&one)).await, all_is_well());
    }
    let ids: Vec<_> = bus.entries().iter().map(|entry| entry.detail.event_id).collect();
    assert_eq!((ids.len(), &ids[..3]), (6, &ids[3..]));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_queued_by_its_key_and_the_others_are_published() {
    let (one, two) = two_projects().await;
    let damage: [fn(&mut Value); 3] = [
        |image| drop(image.as_object_mut().unwrap().remove("events")),
        |image| image["aggregateVersion"] = json!({ "N": "9" }),
        |image| image["PK"] = json!({ "S": "nonsense" }),
    ];
    for damage in damage {
        let (bus, queues) = (Arc::new(MemoryBus::default()), Queues::default());
        let mut records = records([&one[0], &two[0], &one[1]]);
        damage(&mut records[1]["dynamodb"]["NewImage"]);
        assert_eq!(queues.relay(bus.clone(), records).await, all_is_well());
        assert_eq!(queues.unpublished(), [key(&two, 1, 1)]);
        assert_eq!(of(&bus.entries(), &one).len(), 3);
        assert_eq!(of(&bus.entries(), &two).len(), 0);
    }
}

#[tokio::test]
async fn a_record_whose_key_names_no_commit_is_queued_as_it_stands() {
    let (one, two) = two_projects().await;
    for (partition, sort) in [("nonsense", "EVENT#0000000001"), ("acme/PROJECT#p", "EVENT#first")] {
        let (bus, queues) = (Arc::new(MemoryBus::default()), Queues::default());
        let mut records = records([&two[0], &one[0]]);
        let keys = json!({ "PK": { "S": partition }, "SK": { "S": sort } });
        records[0]["dynamodb"]["Keys"] = keys.clone();
        records[0]["dynamodb"]["NewImage"] = keys.clone();
        assert_eq!(queues.relay(bus.clone(), records).await, all_is_well());
        assert_eq!(queues.unpublished(), [json!({ "keys": keys })]);
        assert_eq!(of(&bus.entries(), &one).len(), 1);
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_read_nor_queued_fails_the_batch_from_there() {
    let (one, two) = two_projects().await;
    let queues = Queues::default();
    queues.unpublished.fail(1);
    let mut records = records([&one[0], &two[0], &one[1]]);
    records[1]["dynamodb"]["NewImage"]["events"] = json!({ "S": "nonsense" });
    assert_eq!(queues.relay(Arc::new(MemoryBus::default()), records).await, again_from("101"));
}

#[tokio::test]
async fn an_aggregate_stops_at_a_record_that_cannot_be_read() {
    let (one, two) = two_projects().await;
    let (bus, queues) = (Arc::new(MemoryBus::default()), Queues::default());
    let mut records = records([&one[0], &two[0], &one[1], &two[1]]);
    records[0]["dynamodb"]["NewImage"]["events"] = json!({ "S": "nonsense" });
    assert_eq!(queues.relay(bus.clone(), records).await, all_is_well());
    assert_eq!(of(&bus.entries(), &one).len(), 0, "what follows it would come out of order");
    assert_eq!(of(&bus.entries(), &two).len(), 3);
    assert_eq!(queues.unpublished(), [key(&one, 1, 3)], "it is queued with it");
}

#[tokio::test]
async fn what_comes_before_a_record_that_cannot_be_read_is_published() {
    let (one, _) = two_projects().await;
    let (bus, queues) = (Arc::new(MemoryBus::default()), Queues::default());
    let mut records = records(&one);
    records[1]["dynamodb"]["NewImage"]["events"] = json!({ "S": "nonsense" });
    assert_eq!(queues.relay(bus.clone(), records).await, all_is_well());
    assert_eq!(of(&bus.entries(), &one).len(), 1);
    assert_eq!(queues.unpublished(), [key(&one, 2, 2)]);
}
