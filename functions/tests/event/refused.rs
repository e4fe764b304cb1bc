//! What the `relay` function does when the bus or a queue does not take what it sends, and what it notes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::relayed::{Queues, again_from, all_is_well, key, of, records, two_projects};
use crate::support::{PickyBus, acme};
use serde_json::{Value, json};
use skafu_events::{AggregateKind, Commit, StreamId};
use skafu_functions::mutants::Mutant;
use skafu_functions::relay::MemoryBus;

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
    let bus = PickyBus::refusing(|it| it.event_type == "ProjectCreationStuck");
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
    let noted = |commits: &[Commit], version: u64, created: bool| json!({ "stream": commits[0].stream, "version": version, "callsForSaga": created });
    let sorted = |mut commits: [Value; 2]| {
        commits.sort_by_key(Value::to_string);
        json!({ "commits": commits })
    };
    let all = sorted([noted(&one, 3, true), noted(&two, 3, true)]);
    assert_eq!(queues.notes(), [all], "the sweep looks after it, whatever becomes of the batch");
    assert_eq!(queues.relay(bus, batch()[1..].to_vec()).await, all_is_well());
    assert_eq!(queues.unpublished(), [key(&two, 1, 3)]);
    assert_eq!(queues.notes()[1], sorted([noted(&one, 3, false), noted(&two, 3, true)]));
}

#[tokio::test]
async fn each_batch_is_noted_for_the_sweep_by_aggregate_published_or_not() {
    let (one, two) = two_projects().await;
    let id = two[0].stream.aggregate_id();
    let bus = PickyBus::refusing(move |it| it.aggregate_id == id);
    let queues = Queues::default();
    queues.relay(bus, records([&one[0], &two[1], &one[1]])).await;
    let mut commits = [
        json!({ "stream": one[0].stream, "version": 3, "callsForSaga": true }),
        json!({ "stream": two[0].stream, "version": 3, "callsForSaga": false }),
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
async fn a_batch_that_cannot_be_noted_is_not_begun() {
    let (one, two) = two_projects().await;
    let (bus, queues) = (Arc::new(MemoryBus::default()), Queues::default());
    queues.sweep.fail(1);
    let batch = || records([&one[0], &two[0]]);
    assert_eq!(queues.relay(bus.clone(), batch()).await, again_from("100"));
    assert_eq!((bus.entries(), queues.notes()), (vec![], vec![]));
    assert_eq!(queues.relay(bus.clone(), batch()).await, all_is_well());
    assert_eq!((bus.entries().len(), queues.notes().len()), (2, 1));
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
