use std::sync::Arc;
use std::sync::atomic::Ordering;

use aws_lambda_events::sqs::SqsEvent;
use serde_json::{Value, json};
use skafu_events::{AggregateKind, Commit, StreamId};
use skafu_forge::repositories::BundleStore;
use skafu_functions::metrics::CountingMetrics;
use skafu_functions::projections::{Feed, Gate, Hints, Project, feed};
use skafu_functions::saga::{MemoryWorkflows, Workflows};
use skafu_functions::sweep::Sweep;
use skafu_store::{Consistency, Row};

use super::{Saga, WatchedViews, World, alice, messages};

/// A world with one view, whose queue has lost everything so far.
pub struct Subject {
    pub world: World,
    pub views: Arc<WatchedViews>,
    pub feed: Arc<Feed>,
    pub view: Arc<dyn Project>,
    pub workflows: Arc<MemoryWorkflows>,
    pub metrics: Arc<CountingMetrics>,
}

impl Subject {
    pub async fn new() -> Self {
        let world = World::new().await;
        let views = Arc::new(WatchedViews::default());
        let feed = feed("project", world.store.clone(), views.clone()).unwrap();
        let view = feed.of(skafu_views::FIRST_GENERATION);
        let (workflows, metrics) = (Arc::default(), Arc::default());
        Self { world, views, feed, view, workflows, metrics }
    }

    /// A project that was asked for, and nothing more.
    pub async fn created(&self, name: &str) -> Commit {
        let id = self.world.create_project(&alice(), name, "tiny").await;
        self.world.store.take_seen();
        self.world.commits(AggregateKind::Project, &id).remove(0)
    }

    /// A project that is ready: five events in five commits.
    pub async fn ready(&self, name: &str) -> Vec<Commit> {
        let created = self.created(name).await;
        let id = created.stream.id();
        let provider = Arc::new(BundleStore::new(self.world.blobs.clone()));
        Saga::new(&self.world, provider, id).whole().await;
        self.world.store.take_seen();
        self.world.commits(AggregateKind::Project, id)
    }

    /// Gives the view what a queue would: the events of these commits.
    pub async fn feed(&self, commits: &[Commit]) {
        let mut hints = Hints::default();
        commits.iter().flat_map(Commit::envelopes).for_each(|event| hints.add(event));
        self.view.project(&commits[0].stream, &hints, Gate::Unknown).await.unwrap();
        self.views.writes.store(0, Ordering::SeqCst);
        self.world.store.take_seen();
    }

    pub fn sweep_with(&self, workflows: Arc<dyn Workflows>) -> Sweep {
        Sweep::new(self.world.store.clone(), vec![self.feed.clone()], workflows)
            .with_metrics(self.metrics.clone())
    }

    /// Sweeps; the answer names the messages to be delivered again.
    pub async fn sweep(&self, notes: SqsEvent) -> Vec<String> {
        failed(&self.sweep_with(self.workflows.clone()), notes).await
    }

    pub async fn row(&self, stream: &StreamId) -> Option<Row> {
        self.view.gates(std::slice::from_ref(stream), Consistency::Strong).await.unwrap().remove(0)
    }

    pub fn writes(&self) -> usize {
        self.views.writes.load(Ordering::SeqCst)
    }

    pub fn repaired(&self) -> u64 {
        self.metrics.of("Repaired", "project")
    }
}

pub async fn failed(sweep: &Sweep, notes: SqsEvent) -> Vec<String> {
    let answer = sweep.handle(notes).await;
    answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

pub fn noted(stream: &StreamId, version: u64, calls_for_saga: bool) -> Value {
    json!({ "stream": stream, "version": version, "callsForSaga": calls_for_saga })
}

/// One message that says how far these aggregates have come.
pub fn note(commits: &[Value]) -> SqsEvent {
    messages(&[json!({ "commits": commits }).to_string()])
}

/// The same, received so often.
pub fn received(times: u32, mut notes: SqsEvent) -> SqsEvent {
    for message in &mut notes.records {
        message.attributes.insert("ApproximateReceiveCount".to_owned(), times.to_string());
    }
    notes
}
