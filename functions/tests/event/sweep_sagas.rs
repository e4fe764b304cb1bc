//! How the `sweep` function starts the sagas nobody started.

use std::sync::Arc;

use crate::support::swept::{Subject, failed, note, noted};
use crate::support::{Saga, Seen, ada, alice, bus_event, messages};
use async_trait::async_trait;
use serde_json::{Value, json};
use skafu_events::AggregateKind;
use skafu_forge::repositories::BundleStore;
use skafu_functions::mutants::Mutant;
use skafu_functions::saga::{MemoryWorkflows, SagaStart, Started, WorkflowError, Workflows};
use skafu_store::Consistency;

#[tokio::test]
async fn a_saga_nobody_started_is_started_once_and_as_the_announcement_would() {
    let subject = Subject::new().await;
    let created = subject.created("Shop").await;
    for _ in 0..2 {
        assert_eq!(subject.sweep(note(&[noted(&created.stream, 1, true)])).await, [""; 0]);
    }
    let announced = Arc::new(MemoryWorkflows::default());
    let body = bus_event(&created.envelopes().next().unwrap());
    SagaStart::new(announced.clone()).handle(messages(&[body])).await;
    assert_eq!((subject.workflows.started().len(), subject.workflows.started()), (1, announced.started()));
    assert_eq!(subject.metrics.of("SagaStarted", "project"), 1);
}

#[tokio::test]
async fn a_saga_that_has_begun_or_ended_is_left_alone() {
    let subject = Subject::new().await;
    let begun = subject.created("Begun").await;
    let provider = Arc::new(BundleStore::new(subject.world.blobs.clone()));
    let saga = Saga::new(&subject.world, provider, begun.stream.id());
    saga.begun().await;
    let ready = subject.ready("Ready").await;
    let notes = note(&[noted(&begun.stream, 1, true), noted(&ready[0].stream, 5, true)]);
    assert_eq!(subject.sweep(notes).await, [""; 0]);
    assert_eq!(subject.workflows.started().len(), 0);
    assert_eq!(subject.metrics.of("SagaStarted", "project"), 0);
}

#[tokio::test]
async fn a_project_its_owner_changed_meanwhile_still_needs_its_saga() {
    let subject = Subject::new().await;
    let created = subject.created("Shop").await;
    let change = json!({ "projectId": created.stream.id(), "description": "A shop" });
    assert_eq!(subject.world.send(&alice(), "project", "UpdateProject", change).await.status, 200);
    assert_eq!(subject.sweep(note(&[noted(&created.stream, 2, true)])).await, [""; 0]);
    assert_eq!(subject.workflows.started().len(), 1);
}

#[tokio::test]
async fn only_a_note_of_what_calls_for_a_saga_asks_for_one() {
    let subject = Subject::new().await;
    let created = subject.created("Shop").await;
    subject.feed(std::slice::from_ref(&created)).await;
    assert_eq!(subject.sweep(note(&[noted(&created.stream, 1, false)])).await, [""; 0]);
    assert_eq!(subject.workflows.started().len(), 0);
    assert_eq!(subject.world.store.take_seen(), []);
    assert_eq!(subject.sweep(note(&[noted(&created.stream, 1, true)])).await, [""; 0]);
    assert_eq!(subject.world.store.take_seen(), [Seen::Load(Consistency::Strong)]);
}

/// Each command that calls for an execution, and the execution it calls for.
#[tokio::test]
async fn whatever_calls_for_an_execution_is_made_up_for() {
    let subject = Subject::new().await;
    let id = subject.world.keep_failed("Shop").await;
    let stream = subject.world.commits(AggregateKind::Project, &id)[0].stream.clone();
    let sweep = async |command: &str, data: serde_json::Value| {
        let status = subject.world.send(&ada(), "project", command, data).await.status;
        assert!([200, 202].contains(&status), "{command}");
        let last = subject.world.commits(AggregateKind::Project, &id).pop().unwrap();
        assert_eq!(subject.sweep(note(&[noted(&stream, last.last_version(), true)])).await, [""; 0]);
        let announced = Arc::new(MemoryWorkflows::default());
        let body = bus_event(&last.envelopes().next().unwrap());
        SagaStart::new(announced.clone()).handle(messages(&[body])).await;
        let announced: Vec<_> = announced.started().into_iter().collect();
        let [(name, input)] = &announced[..] else { panic!("one execution, not {announced:?}") };
        assert_eq!(subject.workflows.started().get(name), Some(input), "{command}");
        name.clone()
    };
    assert_eq!(sweep("RetryProjectCreation", json!({ "projectId": id })).await, format!("prj-{id}-2"));
    let given_up = sweep("RetryCompensation", json!({ "projectId": id })).await;
    assert_eq!(given_up, format!("prj-{id}-2-undo-asked-1"));
}

#[tokio::test]
async fn a_deleted_project_whose_failed_creation_was_kept_is_undone() {
    let subject = Subject::new().await;
    let id = subject.world.keep_failed("Shop").await;
    let delete = json!({ "projectId": id, "reason": "over" });
    assert_eq!(subject.world.send(&alice(), "project", "DeleteProject", delete).await.status, 200);
    let last = subject.world.commits(AggregateKind::Project, &id).pop().unwrap();
    assert_eq!(subject.sweep(note(&[noted(&last.stream, last.last_version(), true)])).await, [""; 0]);
    let names: Vec<_> = subject.workflows.started().into_keys().collect();
    assert_eq!(names, [format!("prj-{id}-1-undo-deleted")]);
}

/// A state machine that cannot be reached.
struct Unreachable;

#[async_trait]
impl Workflows for Unreachable {
    async fn start(&self, _: &str, _: Value) -> Result<Started, WorkflowError> {
        Err(WorkflowError("injected".into()))
    }
}

#[tokio::test]
async fn a_saga_that_cannot_be_started_fails_the_note_but_not_the_rows() {
    let subject = Subject::new().await;
    let created = subject.created("Shop").await;
    let sweep = subject.sweep_with(Arc::new(Unreachable));
    assert_eq!(failed(&sweep, note(&[noted(&created.stream, 1, true)])).await, ["m0"]);
    assert_eq!(subject.row(&created.stream).await.unwrap().version, 1);
}

#[test]
fn a_sweep_that_is_off_acknowledges_without_looking() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let subject = runtime.block_on(Subject::new());
    let created = runtime.block_on(subject.created("Shop"));
    let sweep = || runtime.block_on(subject.sweep(note(&[noted(&created.stream, 1, true)])));
    assert_eq!(Mutant::SweepOff.during(sweep), [""; 0]);
    assert_eq!((subject.writes(), subject.workflows.started().len()), (0, 0));
}
