//! How the `sweep` function makes up for what was lost on the way: rows nobody fed, sagas nobody started.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use aws_lambda_events::sqs::SqsEvent;
use serde_json::{Value, json};
use skafu_events::{AggregateKind, Commit, Envelope, StreamId};
use skafu_forge::repositories::BundleStore;
use skafu_functions::metrics::CountingMetrics;
use skafu_functions::mutants::Mutant;
use skafu_functions::projections::{EventRef, Gate, Hints, Parked, Project, projector};
use skafu_functions::saga::{MemoryWorkflows, SagaStart, Started, WorkflowError, Workflows};
use skafu_functions::sweep::Sweep;
use skafu_store::{Consistency, Draft, EventStore, NewEvent, Row};
use skafu_views::{ProjectRow, ProjectView, View};
use support::{Faults, Saga, Seen, WatchedViews, World, alice, bus_event, messages};
use uuid::Uuid;

/// A world with one view, whose queue has lost everything so far.
struct Subject {
    world: World,
    views: Arc<WatchedViews>,
    view: Arc<dyn Project>,
    workflows: Arc<MemoryWorkflows>,
    metrics: Arc<CountingMetrics>,
}

impl Subject {
    async fn new() -> Self {
        let world = World::new().await;
        let views = Arc::new(WatchedViews::default());
        let view = projector("project", world.store.clone(), views.clone()).unwrap();
        let (workflows, metrics) = (Arc::default(), Arc::default());
        Self { world, views, view, workflows, metrics }
    }

    /// A project that was asked for, and nothing more.
    async fn created(&self, name: &str) -> Commit {
        let id = self.world.create_project(&alice(), name, "tiny").await;
        self.world.store.take_seen();
        self.world.commits(AggregateKind::Project, &id).remove(0)
    }

    /// A project that is ready: five events in four commits.
    async fn ready(&self, name: &str) -> Vec<Commit> {
        let created = self.created(name).await;
        let id = created.stream.id();
        let provider = Arc::new(BundleStore::new(self.world.blobs.clone()));
        Saga::new(&self.world, provider, id).whole().await;
        self.world.store.take_seen();
        self.world.commits(AggregateKind::Project, id)
    }

    /// Gives the view what a queue would: the events of these commits.
    async fn feed(&self, commits: &[Commit]) {
        let mut hints = Hints::default();
        commits.iter().flat_map(Commit::envelopes).for_each(|event| hints.add(event));
        self.view.project(&commits[0].stream, &hints, Gate::Unknown).await.unwrap();
        self.views.writes.store(0, Ordering::SeqCst);
        self.world.store.take_seen();
    }

    fn sweep_with(&self, workflows: Arc<dyn Workflows>) -> Sweep {
        Sweep::new(self.world.store.clone(), vec![self.view.clone()], workflows)
            .with_metrics(self.metrics.clone())
    }

    /// Sweeps; the answer names the messages to be delivered again.
    async fn sweep(&self, notes: SqsEvent) -> Vec<String> {
        failed(&self.sweep_with(self.workflows.clone()), notes).await
    }

    async fn row(&self, stream: &StreamId) -> Option<Row> {
        self.view.gates(std::slice::from_ref(stream), Consistency::Strong).await.unwrap().remove(0)
    }

    fn writes(&self) -> usize {
        self.views.writes.load(Ordering::SeqCst)
    }

    fn repaired(&self) -> u64 {
        self.metrics.of("Repaired", "project")
    }
}

async fn failed(sweep: &Sweep, notes: SqsEvent) -> Vec<String> {
    let answer = sweep.handle(notes).await;
    answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

fn noted(stream: &StreamId, version: u64, created: bool) -> Value {
    json!({ "stream": stream, "version": version, "created": created })
}

/// One message that says how far these aggregates have come.
fn note(commits: &[Value]) -> SqsEvent {
    messages(&[json!({ "commits": commits }).to_string()])
}

/// The same, received so often.
fn received(times: u32, mut notes: SqsEvent) -> SqsEvent {
    for message in &mut notes.records {
        message.attributes.insert("ApproximateReceiveCount".to_owned(), times.to_string());
    }
    notes
}

/// What a row shows after all these commits.
fn folded(commits: &[Commit]) -> Option<Value> {
    let events = commits.iter().flat_map(Commit::envelopes);
    let row: Option<ProjectRow> = events.fold(None, |row, event| ProjectView::apply(row, &event).unwrap());
    row.map(|row| serde_json::to_value(row).unwrap())
}

#[tokio::test]
async fn a_row_nobody_fed_is_made() {
    let subject = Subject::new().await;
    let commits = subject.ready("Shop").await;
    let stream = &commits[0].stream;
    assert_eq!(subject.sweep(note(&[noted(stream, 5, false)])).await, [""; 0]);
    let row = subject.row(stream).await.unwrap();
    assert_eq!((row.version, row.content), (5, folded(&commits)));
    assert_eq!((subject.writes(), subject.repaired()), (1, 1));
}

#[tokio::test]
async fn a_row_that_missed_the_last_event_is_brought_up() {
    let subject = Subject::new().await;
    let commits = subject.ready("Shop").await;
    subject.feed(&commits[..3]).await;
    let stream = &commits[0].stream;
    assert_eq!(subject.row(stream).await.unwrap().version, 4);
    assert_eq!(subject.sweep(note(&[noted(stream, 5, false)])).await, [""; 0]);
    let row = subject.row(stream).await.unwrap();
    assert_eq!((row.version, row.content, subject.repaired()), (5, folded(&commits), 1));
}

#[tokio::test]
async fn a_row_that_is_not_behind_costs_its_share_of_one_read() {
    let subject = Subject::new().await;
    let (one, two) = (subject.ready("One").await, subject.ready("Two").await);
    subject.feed(&one).await;
    subject.feed(&two).await;
    let row = subject.row(&one[0].stream).await;
    let notes = note(&[noted(&one[0].stream, 5, false), noted(&two[0].stream, 3, false)]);
    assert_eq!(subject.sweep(notes).await, [""; 0]);
    assert_eq!((subject.writes(), subject.repaired()), (0, 0));
    assert_eq!(subject.world.store.take_seen(), []);
    assert_eq!(subject.row(&one[0].stream).await, row);
}

#[tokio::test]
async fn a_parked_row_is_left_alone() {
    let subject = Subject::new().await;
    let commits = subject.ready("Shop").await;
    subject.feed(&commits[..1]).await;
    let stream = &commits[0].stream;
    let event: Envelope = commits[1].envelopes().next().unwrap();
    let parked = Parked {
        stream: stream.to_string(),
        error: "it does not fold".to_owned(),
        event: EventRef::from(&event),
        at: event.timestamp,
        receives: 3,
        shown: 1,
    };
    subject.view.park(stream, &parked).await.unwrap();
    let row = subject.row(stream).await.unwrap();
    subject.views.writes.store(0, Ordering::SeqCst);
    assert_eq!(subject.sweep(note(&[noted(stream, 5, false)])).await, [""; 0]);
    assert_eq!((subject.row(stream).await, subject.writes()), (Some(row), 0));
    assert_eq!((subject.repaired(), subject.world.store.take_seen().len()), (0, 0));
}

#[tokio::test]
async fn what_no_view_follows_is_nothing_to_it() {
    let subject = Subject::new().await;
    let template = subject.world.commits(AggregateKind::Template, "tiny").remove(0);
    subject.world.store.take_seen();
    assert_eq!(subject.sweep(note(&[noted(&template.stream, 1, true)])).await, [""; 0]);
    assert_eq!((subject.writes(), subject.world.store.take_seen().len()), (0, 0));
    assert_eq!(subject.workflows.started().len(), 0);
}

/// Appends an event that nobody knows.
async fn say_nonsense(subject: &Subject, commits: &[Commit]) -> Commit {
    let history = subject.world.store.load(&commits[0].stream, Consistency::Strong).await.unwrap();
    let event = NewEvent { event_type: "ProjectSang".to_owned(), event_version: 1, data: json!({}) };
    let draft = Draft {
        events: vec![event],
        command_id: Uuid::now_v7(),
        body_hash: "0".repeat(32),
        correlation_id: Uuid::now_v7(),
        user_id: "alice".to_owned(),
        timestamp: commits[0].timestamp,
        metadata: serde_json::Map::new(),
    };
    subject.world.store.append(&history, draft, &[]).await.unwrap()
}

#[tokio::test]
async fn what_cannot_be_folded_is_parked_at_the_third_receive_and_the_others_are_repaired() {
    let subject = Subject::new().await;
    let (bad, good) = (subject.ready("Bad").await, subject.ready("Good").await);
    let nonsense = say_nonsense(&subject, &bad).await;
    let stream = &nonsense.stream;
    let notes = || note(&[noted(stream, 6, false), noted(&good[0].stream, 5, false)]);
    for receive in [1, 2] {
        assert_eq!(subject.sweep(received(receive, notes())).await, ["m0"]);
        let row = subject.row(stream).await.unwrap();
        assert_eq!((row.version, row.parked), (5, None), "what comes before it is shown");
    }
    assert_eq!(subject.row(&good[0].stream).await.unwrap().version, 5);
    assert_eq!(subject.sweep(received(3, notes())).await, [""; 0]);
    let parked: Parked = serde_json::from_value(subject.row(stream).await.unwrap().parked.unwrap()).unwrap();
    assert_eq!((parked.event.aggregate_version, parked.receives), (6, 3));
    assert!(parked.error.starts_with("ProjectSang 6 cannot be folded: "), "{}", parked.error);
    assert_eq!(subject.repaired(), 1);
}

#[tokio::test]
async fn a_message_that_is_no_note_fails_alone() {
    let subject = Subject::new().await;
    let commits = subject.ready("Shop").await;
    let good = json!({ "commits": [noted(&commits[0].stream, 5, false)] }).to_string();
    let bad =
        json!({ "commits": [{ "stream": "acme/NOBODY#1", "version": 1, "created": true }] }).to_string();
    assert_eq!(subject.sweep(messages(&["{".to_owned(), good, bad])).await, ["m0", "m2"]);
    assert_eq!(subject.row(&commits[0].stream).await.unwrap().version, 5);
}

#[tokio::test]
async fn a_note_whose_row_cannot_be_repaired_now_is_delivered_again() {
    let subject = Subject::new().await;
    let commits = subject.ready("Shop").await;
    let stream = &commits[0].stream;
    // More often than a projector tries.
    subject.world.store.suffer(Faults { outages: 6, ..Faults::default() });
    assert_eq!(subject.sweep(note(&[noted(stream, 5, false)])).await, ["m0"]);
    assert_eq!(subject.sweep(note(&[noted(stream, 5, false)])).await, [""; 0]);
    assert_eq!(subject.row(stream).await.unwrap().version, 5);
}

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
    saga.step("SelectTemplate", json!({})).await.unwrap();
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
async fn only_a_note_of_a_projects_first_commit_asks_for_its_saga() {
    let subject = Subject::new().await;
    let created = subject.created("Shop").await;
    subject.feed(std::slice::from_ref(&created)).await;
    assert_eq!(subject.sweep(note(&[noted(&created.stream, 1, false)])).await, [""; 0]);
    assert_eq!(subject.workflows.started().len(), 0);
    assert_eq!(subject.world.store.take_seen(), []);
    assert_eq!(subject.sweep(note(&[noted(&created.stream, 1, true)])).await, [""; 0]);
    assert_eq!(subject.world.store.take_seen(), [Seen::Load(Consistency::Strong)]);
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
