//! What the `relay` function publishes of the event table's stream, and what it does when the bus refuses.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod support;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value, json};
use skafu_events::{AggregateKind, Commit, Envelope};
use skafu_functions::relay::{BusEntry, EventPublisher, MemoryBus, PublishError, Relay};
use support::{Saga, World, alice, inserted, stream_event};

/// Two projects whose creation has begun: each a commit of one event and a commit of two.
async fn two_projects() -> (Vec<Commit>, Vec<Commit>) {
    let world = World::new().await;
    let mut projects = Vec::new();
    for name in ["One", "Two"] {
        let id = world.create_project(&alice(), name, "tiny").await;
        let provider = skafu_forge::repositories::BundleStore::new(world.blobs.clone());
        let saga = Saga::new(&world, Arc::new(provider), &id);
        saga.step("SelectTemplate", json!({})).await.unwrap();
        projects.push(world.commits(AggregateKind::Project, &id));
    }
    let two = projects.pop().unwrap();
    (projects.pop().unwrap(), two)
}

/// The commits as stream records, with sequence numbers 100, 101 …
fn records<'a>(commits: impl IntoIterator<Item = &'a Commit>) -> Vec<Value> {
    commits.into_iter().zip(100..).map(|(commit, at)| inserted(commit, &at.to_string())).collect()
}

/// What was published of one stream.
fn of<'a>(entries: &'a [BusEntry], commits: &[Commit]) -> Vec<&'a Envelope> {
    let id = commits[0].stream.aggregate_id();
    entries.iter().map(|entry| &entry.detail).filter(|detail| detail.aggregate_id == id).collect()
}

async fn relay(bus: Arc<dyn EventPublisher>, records: Vec<Value>) -> Value {
    serde_json::to_value(Relay::new(bus).handle(stream_event(records)).await).unwrap()
}

fn all_is_well() -> Value {
    json!({ "batchItemFailures": [] })
}

fn again_from(sequence_number: &str) -> Value {
    json!({ "batchItemFailures": [{ "itemIdentifier": sequence_number }] })
}

/// A bus that refuses, or does not answer for, what it is told to.
struct PickyBus {
    taken: MemoryBus,
    refuses: Box<dyn Fn(&Envelope) -> bool + Send + Sync>,
    silent: bool,
    requests: Mutex<Vec<usize>>,
}

impl PickyBus {
    fn refusing(refuses: impl Fn(&Envelope) -> bool + Send + Sync + 'static) -> Arc<Self> {
        let (taken, requests) = (MemoryBus::default(), Mutex::default());
        Arc::new(Self { taken, refuses: Box::new(refuses), silent: false, requests })
    }

    fn silent() -> Arc<Self> {
        let (taken, requests) = (MemoryBus::default(), Mutex::default());
        Arc::new(Self { taken, refuses: Box::new(|_| false), silent: true, requests })
    }
}

#[async_trait]
impl EventPublisher for PickyBus {
    async fn publish(&self, entries: &[BusEntry]) -> Result<Vec<bool>, PublishError> {
        self.requests.lock().unwrap().push(entries.len());
        if self.silent {
            return Err(PublishError::Unavailable("injected".into()));
        }
        let answers: Vec<bool> = entries.iter().map(|entry| !(self.refuses)(&entry.detail)).collect();
        for (entry, taken) in entries.iter().zip(&answers) {
            if *taken {
                self.taken.publish(std::slice::from_ref(entry)).await?;
            }
        }
        Ok(answers)
    }
}

#[tokio::test]
async fn every_event_of_a_commit_is_published_in_order_and_in_its_envelope() {
    let (one, _) = two_projects().await;
    let bus = Arc::new(MemoryBus::default());
    assert_eq!(relay(bus.clone(), records(&one)).await, all_is_well());
    let entries = bus.entries();
    let types: Vec<_> = entries.iter().map(|entry| entry.detail_type.as_str()).collect();
    assert_eq!(types, ["ProjectCreated", "ProjectCreationStarted", "TemplateSelected"]);
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
        assert_eq!(types, ["ProjectCreationStarted", "TemplateSelected"], "{name}");
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
async fn a_refused_entry_stops_its_aggregate_alone_and_names_its_record() {
    let (one, two) = two_projects().await;
    let id = two[0].stream.aggregate_id();
    let refused = id.clone();
    let bus = PickyBus::refusing(move |it| it.aggregate_id == refused && it.event_type == "ProjectCreated");
    // Enough of the first project's commits in between that the second one's later commit is in a later request.
    let filler = std::iter::repeat_n(&one, 3).flatten();
    let batch: Vec<&Commit> = one.iter().chain([&two[0]]).chain(filler).chain([&two[1]]).collect();
    let answer = relay(bus.clone(), records(batch)).await;
    assert_eq!(answer, again_from("102"));
    assert_eq!(of(&bus.taken.entries(), &two).len(), 0, "nothing after what was refused");
    assert_eq!(of(&bus.taken.entries(), &one).len(), 12, "the other aggregate goes on");
}

#[tokio::test]
async fn the_first_record_with_a_refused_entry_is_named_whichever_it_is() {
    let (one, two) = two_projects().await;
    let bus = PickyBus::refusing(|it| it.event_type == "TemplateSelected");
    let answer = relay(bus.clone(), records([&one[0], &two[0], &two[1], &one[1]])).await;
    assert_eq!(answer, again_from("102"));
}

#[tokio::test]
async fn a_bus_that_does_not_answer_is_asked_again_from_the_first_record() {
    let (one, two) = two_projects().await;
    let answer = relay(PickyBus::silent(), records(one.iter().chain(&two))).await;
    assert_eq!(answer, again_from("100"));
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
async fn a_record_that_cannot_be_read_is_reported_and_the_others_are_published() {
    let (one, two) = two_projects().await;
    let damage: [fn(&mut Value); 3] = [
        |image| drop(image.as_object_mut().unwrap().remove("events")),
        |image| image["aggregateVersion"] = json!({ "N": "9" }),
        |image| image["PK"] = json!({ "S": "nonsense" }),
    ];
    for damage in damage {
        let bus = Arc::new(MemoryBus::default());
        let mut records = records([&one[0], &two[0], &one[1]]);
        damage(&mut records[1]["dynamodb"]["NewImage"]);
        assert_eq!(relay(bus.clone(), records).await, again_from("101"));
        assert_eq!(of(&bus.entries(), &one).len(), 3);
        assert_eq!(of(&bus.entries(), &two).len(), 0);
    }
}

#[tokio::test]
async fn an_aggregate_stops_at_a_record_that_cannot_be_read() {
    let (one, two) = two_projects().await;
    let bus = Arc::new(MemoryBus::default());
    let mut records = records([&one[0], &two[0], &one[1], &two[1]]);
    records[0]["dynamodb"]["NewImage"]["events"] = json!({ "S": "nonsense" });
    assert_eq!(relay(bus.clone(), records).await, again_from("100"));
    assert_eq!(of(&bus.entries(), &one).len(), 0, "what follows it would come out of order");
    assert_eq!(of(&bus.entries(), &two).len(), 3);
}

#[tokio::test]
async fn what_comes_before_a_record_that_cannot_be_read_is_published() {
    let (one, _) = two_projects().await;
    let bus = Arc::new(MemoryBus::default());
    let mut records = records(&one);
    records[1]["dynamodb"]["NewImage"]["events"] = json!({ "S": "nonsense" });
    assert_eq!(relay(bus.clone(), records).await, again_from("101"));
    assert_eq!(of(&bus.entries(), &one).len(), 1, "it is not delivered again");
}
