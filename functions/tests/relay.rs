//! What the `relay` function publishes of the event table's stream, and what it does when the bus refuses.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use skafu_events::{AggregateKind, Commit, Envelope, StreamId};
use skafu_functions::mutants::Mutant;
use skafu_functions::queues::MemoryQueue;
use skafu_functions::relay::{BusEntry, EventPublisher, MemoryBus, Relay, RelayQueues};
use support::{PickyBus, Saga, World, acme, alice, inserted, stream_event};

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

/// The queues of a relay.
#[derive(Default, Clone)]
struct Queues {
    unpublished: Arc<MemoryQueue>,
    sweep: Arc<MemoryQueue>,
}

impl Queues {
    async fn relay(&self, bus: Arc<dyn EventPublisher>, records: Vec<Value>) -> Value {
        let queues = RelayQueues { unpublished: self.unpublished.clone(), sweep: self.sweep.clone() };
        serde_json::to_value(Relay::new(bus, queues).handle(stream_event(records)).await).unwrap()
    }

    fn unpublished(&self) -> Vec<Value> {
        json_of(&self.unpublished)
    }

    fn notes(&self) -> Vec<Value> {
        json_of(&self.sweep)
    }
}

fn json_of(queue: &MemoryQueue) -> Vec<Value> {
    queue.bodies().iter().map(|body| serde_json::from_str(body).unwrap()).collect()
}

async fn relay(bus: Arc<dyn EventPublisher>, records: Vec<Value>) -> Value {
    Queues::default().relay(bus, records).await
}

fn key(commits: &[Commit], from: u64, to: u64) -> Value {
    json!({ "stream": commits[0].stream, "fromVersion": from, "toVersion": to })
}

fn all_is_well() -> Value {
    json!({ "batchItemFailures": [] })
}

fn again_from(sequence_number: &str) -> Value {
    json!({ "batchItemFailures": [{ "itemIdentifier": sequence_number }] })
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

/// Enough of the first project's commits to fill a request between the second one's commits.
fn apart<'a>(one: &'a [Commit], two: &'a [Commit]) -> Vec<&'a Commit> {
    let filler = std::iter::repeat_n(one, 3).flatten();
    one.iter().chain([&two[0]]).chain(filler).chain([&two[1]]).collect()
}

#[tokio::test]
async fn a_refused_entry_is_tried_again_in_place_and_what_follows_it_waits() {
    let (one, two) = two_projects().await;
    let (id, refusals) = (two[0].stream.aggregate_id(), AtomicUsize::new(2));
    let bus = PickyBus::refusing(move |it| {
        it.aggregate_id == id
            && refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    });
    let queues = Queues::default();
    assert_eq!(queues.relay(bus.clone(), records(apart(&one, &two))).await, all_is_well());
    assert_eq!(*bus.requests.lock().unwrap(), [10, 1, 1, 5], "only what was refused, twice");
    let versions: Vec<u64> = of(&bus.taken.entries(), &two).iter().map(|it| it.aggregate_version).collect();
    assert_eq!(versions, [1, 2, 3]);
    assert_eq!(queues.unpublished(), [json!(null); 0]);
}

#[tokio::test]
async fn an_aggregate_that_stays_refused_is_queued_once_with_its_whole_range() {
    let (one, two) = two_projects().await;
    let id = two[0].stream.aggregate_id();
    let bus = PickyBus::refusing(move |it| it.aggregate_id == id && it.event_type == "ProjectCreated");
    let queues = Queues::default();
    assert_eq!(queues.relay(bus.clone(), records(apart(&one, &two))).await, all_is_well());
    assert_eq!(*bus.requests.lock().unwrap(), [10, 1, 1, 3], "three tries, then no more of it");
    assert_eq!(queues.unpublished(), [key(&two, 1, 3)]);
    assert_eq!(of(&bus.taken.entries(), &two).len(), 0, "nothing after what was refused");
    assert_eq!(of(&bus.taken.entries(), &one).len(), 12, "the other aggregate goes on");
}

#[tokio::test]
async fn what_is_queued_begins_with_the_commit_of_the_first_refused_event() {
    let (one, two) = two_projects().await;
    let bus = PickyBus::refusing(|it| it.event_type == "TemplateSelected");
    let queues = Queues::default();
    let batch = records([&one[0], &two[0], &two[1], &one[1]]);
    assert_eq!(queues.relay(bus, batch).await, all_is_well());
    let mut expected = [key(&one, 2, 3), key(&two, 2, 3)];
    expected.sort_by_key(Value::to_string);
    assert_eq!(queues.unpublished(), expected);
}

#[tokio::test]
async fn a_bus_that_does_not_answer_is_asked_three_times_and_no_more_for_a_whole_batch() {
    let (one, two) = two_projects().await;
    let (bus, queues) = (PickyBus::silent(), Queues::default());
    assert_eq!(queues.relay(bus.clone(), records(apart(&one, &two))).await, all_is_well());
    assert_eq!(*bus.requests.lock().unwrap(), [10; 3]);
    let mut expected = [key(&one, 1, 3), key(&two, 1, 3)];
    expected.sort_by_key(Value::to_string);
    assert_eq!(queues.unpublished(), expected);
}

#[tokio::test]
async fn only_if_the_queue_fails_too_does_the_batch_fail_from_the_first_refused_record() {
    let (one, two) = two_projects().await;
    let id = two[0].stream.aggregate_id();
    let bus = PickyBus::refusing(move |it| it.aggregate_id == id);
    let queues = Queues::default();
    queues.unpublished.fail(1);
    let batch = || records([&one[0], &two[0], &one[1], &two[1]]);
    assert_eq!(queues.relay(bus.clone(), batch()).await, again_from("101"));
    let noted = |commits: &[Commit], version: u64, created: bool| json!({ "stream": commits[0].stream, "version": version, "created": created });
    assert_eq!(
        queues.notes(),
        [json!({ "commits": [noted(&one, 1, true)] })],
        "what comes again is noted when it comes again"
    );
    assert_eq!(queues.relay(bus, batch()[1..].to_vec()).await, all_is_well());
    assert_eq!(queues.unpublished(), [key(&two, 1, 3)]);
    let mut again = [noted(&one, 3, false), noted(&two, 3, true)];
    again.sort_by_key(Value::to_string);
    assert_eq!(queues.notes()[1], json!({ "commits": again }));
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

#[tokio::test]
async fn each_batch_is_noted_for_the_sweep_by_aggregate_published_or_not() {
    let (one, two) = two_projects().await;
    let id = two[0].stream.aggregate_id();
    let bus = PickyBus::refusing(move |it| it.aggregate_id == id);
    let queues = Queues::default();
    queues.relay(bus, records([&one[0], &two[1], &one[1]])).await;
    let mut commits = [
        json!({ "stream": one[0].stream, "version": 3, "created": true }),
        json!({ "stream": two[0].stream, "version": 3, "created": false }),
    ];
    commits.sort_by_key(Value::to_string);
    assert_eq!(queues.notes(), [json!({ "commits": commits })]);
}

#[tokio::test]
async fn a_note_names_at_most_a_hundred_aggregates() {
    let (one, _) = two_projects().await;
    let project = |at: usize| StreamId::new(acme(), AggregateKind::Project, format!("p{at}")).unwrap();
    let many: Vec<Commit> = (0..101).map(|at| Commit { stream: project(at), ..one[0].clone() }).collect();
    let queues = Queues::default();
    queues.relay(Arc::new(MemoryBus::default()), records(&many)).await;
    let sizes: Vec<usize> =
        queues.notes().iter().map(|note| note["commits"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [100, 1]);
}

#[tokio::test]
async fn a_batch_that_cannot_be_noted_fails_from_its_first_record() {
    let (one, two) = two_projects().await;
    let (bus, queues) = (Arc::new(MemoryBus::default()), Queues::default());
    queues.sweep.fail(1);
    let batch = || records([&one[0], &two[0]]);
    assert_eq!(queues.relay(bus.clone(), batch()).await, again_from("100"));
    assert_eq!(queues.relay(bus.clone(), batch()).await, all_is_well());
    let ids: Vec<_> = bus.entries().iter().map(|entry| entry.detail.event_id).collect();
    assert_eq!((ids.len(), &ids[..2]), (4, &ids[2..]));
    assert_eq!(queues.notes().len(), 1);
}

#[tokio::test]
async fn a_batch_without_commits_leaves_no_note() {
    let queues = Queues::default();
    assert_eq!(queues.relay(Arc::new(MemoryBus::default()), Vec::new()).await, all_is_well());
    assert_eq!((queues.notes().len(), queues.unpublished().len()), (0, 0));
}

#[test]
fn a_relay_that_swallows_failures_queues_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (one, _) = runtime.block_on(two_projects());
    let queues = Queues::default();
    let bus = PickyBus::refusing(|_| true);
    let swallow = || runtime.block_on(queues.relay(bus.clone(), records(&one)));
    assert_eq!(Mutant::SwallowedRelayFailure.during(swallow), all_is_well());
    assert_eq!((queues.unpublished().len(), bus.taken.entries().len()), (0, 0));
}
