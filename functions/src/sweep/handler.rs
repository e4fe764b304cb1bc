use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::StreamExt;
use skafu_domain::project::Project as ProjectState;
use skafu_events::{AggregateKind, StreamId};
use skafu_store::generations::RegistryError;
use skafu_store::{Chain, Consistency, EventStore, Row, StoreError};
use skafu_views::{ProjectView, View};

use super::note::{MAX_NOTED, SweepNote};
use crate::aggregates::fold;
use crate::metrics::{Metrics, NoMetrics};
use crate::mutants::Mutant;
use crate::projections::{Fed, Feed, Gate, Hints, Outcome, Project, ProjectError, park_unfoldable};
use crate::saga::{Started, WorkflowError, Workflows, begin, due};
use crate::{Clock, Problem, SystemClock};

/// How many aggregates of a note are worked on at once.
const AT_ONCE: usize = 16;

/// Why a note must be delivered again.
#[derive(Debug, thiserror::Error)]
enum SweepError {
    #[error("the message is no note")]
    Unreadable(#[from] serde_json::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Generations(#[from] RegistryError),
    #[error("a row was not brought up to date")]
    Row(#[from] ProjectError),
    #[error("the project cannot be read")]
    Project(#[from] Problem),
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
}

/// How far one aggregate must be shown.
#[derive(Debug, Default, Clone, Copy)]
struct Wanted {
    version: u64,
    calls_for_saga: bool,
}

/// The handler of the sweep's notes.
pub struct Sweep {
    events: Arc<dyn EventStore>,
    views: Vec<Arc<Feed>>,
    workflows: Arc<dyn Workflows>,
    clock: Arc<dyn Clock>,
    metrics: Arc<dyn Metrics>,
}

impl Sweep {
    /// A sweep over those views, and over the projects in `events` for which `workflows` should run.
    pub fn new(events: Arc<dyn EventStore>, views: Vec<Arc<Feed>>, workflows: Arc<dyn Workflows>) -> Self {
        let (clock, metrics) = (Arc::new(SystemClock), Arc::new(NoMetrics));
        Self { events, views, workflows, clock, metrics }
    }

    /// Tells the time by another clock.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Reports what was repaired.
    pub fn with_metrics(mut self, metrics: Arc<dyn Metrics>) -> Self {
        self.metrics = metrics;
        self
    }

    /// Checks everything a batch of [`SweepNote`]s names. The answer names the messages to deliver again.
    pub async fn handle(&self, batch: SqsEvent) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        if Mutant::SweepOff.is_on() {
            return response;
        }
        for message in batch.records {
            let errors = self.one(&message).await;
            let id = message.message_id.unwrap_or_default();
            for error in &errors {
                tracing::error!(
                    message = id,
                    error = %Chain(error),
                    "not swept: will be delivered again"
                );
            }
            if !errors.is_empty() {
                response.add_failure(id);
            }
        }
        response
    }

    /// One note: whatever fails keeps nothing else from being repaired.
    async fn one(&self, message: &SqsMessage) -> Vec<SweepError> {
        let note: SweepNote = match serde_json::from_str(message.body.as_deref().unwrap_or_default()) {
            Ok(note) => note,
            Err(error) => return vec![error.into()],
        };
        let mut wanted: BTreeMap<StreamId, Wanted> = BTreeMap::new();
        for noted in note.commits {
            let entry = wanted.entry(noted.stream).or_default();
            entry.version = entry.version.max(noted.version);
            entry.calls_for_saga |= noted.calls_for_saga;
        }
        let receives = receives(message);
        let mut errors = Vec::new();
        for view in &self.views {
            match view.fed(self.clock.now()).await {
                Ok(fed) => errors.append(&mut self.generations(&fed, &wanted, receives).await),
                Err(error) => errors.push(error.into()),
            }
        }
        errors.append(&mut self.sagas(&wanted).await);
        errors
    }

    /// Brings up every generation of one view.
    async fn generations(
        &self,
        fed: &[Fed],
        wanted: &BTreeMap<StreamId, Wanted>,
        receives: u32,
    ) -> Vec<SweepError> {
        let mut errors = Vec::new();
        // What happens between the writes of several must not be shown by the last alone.
        let hints = |version| match fed.len() {
            1 => Hints::announce(version),
            _ => Hints::announce(version).no_further(),
        };
        for fed in fed {
            errors.append(&mut self.view(fed, wanted, &hints, receives).await);
            // The active one never shows more than the others, but for what those cannot fold.
            let unfoldable = |it: &SweepError| matches!(it, SweepError::Row(ProjectError::Unfoldable(_)));
            if !fed.is_active() && !errors.iter().all(unfoldable) {
                break;
            }
        }
        errors
    }

    /// Brings up the rows of one generation that are behind.
    async fn view(
        &self,
        fed: &Fed,
        wanted: &BTreeMap<StreamId, Wanted>,
        hints: &(dyn Fn(u64) -> Hints + Send + Sync),
        receives: u32,
    ) -> Vec<SweepError> {
        let view = &*fed.projector;
        let followed = |stream: &&StreamId| view.kinds().contains(&stream.kind());
        let streams: Vec<StreamId> = wanted.keys().filter(followed).cloned().collect();
        let (mut errors, mut repaired) = (Vec::new(), 0);
        for streams in streams.chunks(MAX_NOTED) {
            // Stale rows are written conditionally, hence read anew.
            let rows = match view.gates(streams, Consistency::Eventual).await {
                Ok(rows) => rows,
                Err(error) => {
                    errors.push(error.into());
                    continue;
                }
            };
            let behind =
                streams.iter().zip(rows).filter(|(stream, row)| is_behind(row.as_ref(), wanted[*stream]));
            let work = behind
                .map(|(stream, row)| self.row(view, stream, row, hints(wanted[stream].version), receives));
            // Collected before the first await: a lazy iterator of references would not be `Send` there.
            let work: Vec<_> = work.collect();
            let done: Vec<_> = futures::stream::iter(work).buffer_unordered(view.at_once()).collect().await;
            for row in done {
                match row {
                    Ok(was_behind) => repaired += u64::from(was_behind),
                    Err(error) => errors.push(error.into()),
                }
            }
        }
        // What is being built is behind until it is whole.
        if !fed.is_building() {
            self.metrics.count("Repaired", view.view(), repaired);
        }
        errors
    }

    /// One row; whether something was missing in it.
    async fn row(
        &self,
        view: &dyn Project,
        stream: &StreamId,
        row: Option<Row>,
        hints: Hints,
        receives: u32,
    ) -> Result<bool, ProjectError> {
        let shown = row.as_ref().map_or(0, |row| row.version);
        match view.project(stream, &hints, Gate::Read(row)).await {
            Ok(Outcome::Applied | Outcome::GapFilled) => {
                let (view, generation, version) = (view.view(), view.generation(), hints.target());
                tracing::warn!(view, generation, %stream, shown, version, "a row had missed events: repaired");
                Ok(true)
            }
            Ok(Outcome::Duplicate | Outcome::Parked) => Ok(false),
            Err(ProjectError::Unfoldable(why)) => {
                match park_unfoldable(view, stream, &why, receives, self.clock.now()).await? {
                    true => {
                        self.metrics.count("Parked", view.view(), 1);
                        Ok(false)
                    }
                    false => Err(why.into()),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Starts the sagas of projects that nobody has begun to make, or to undo.
    async fn sagas(&self, wanted: &BTreeMap<StreamId, Wanted>) -> Vec<SweepError> {
        let calls = |(stream, wanted): &(&StreamId, &Wanted)| {
            wanted.calls_for_saga && stream.kind() == AggregateKind::Project
        };
        let work = wanted.iter().filter(calls).map(|(stream, _)| self.saga(stream));
        let work: Vec<_> = work.collect();
        let done: Vec<_> = futures::stream::iter(work).buffer_unordered(AT_ONCE).collect().await;
        let started = done.iter().filter(|done| matches!(done, Ok(true))).count();
        self.metrics.count("SagaStarted", ProjectView::NAME, started as u64);
        done.into_iter().filter_map(Result::err).collect()
    }

    /// One project; whether its saga had to be started.
    async fn saga(&self, project: &StreamId) -> Result<bool, SweepError> {
        let history = self.events.load(project, Consistency::Strong).await?;
        // Its owner may have changed it meanwhile: that alone does not make it.
        let Some(input) = due(&fold::<ProjectState>(&history)?, &history) else { return Ok(false) };
        if begin(&*self.workflows, &input).await? == Started::Before {
            // It is slow, or died without a word: the state machine knows.
            tracing::error!(%project, execution = input.execution_name(), "nothing came of its saga yet");
            self.metrics.count("SagaSilent", ProjectView::NAME, 1);
            return Ok(false);
        }
        tracing::warn!(%project, "its saga had not begun: started");
        Ok(true)
    }
}

/// Whether a row should show more. A parked one shows nothing more until it is released.
fn is_behind(row: Option<&Row>, wanted: Wanted) -> bool {
    row.is_none_or(|row| row.parked.is_none() && row.version < wanted.version)
}

/// How often the queue has handed the message out, this time included.
fn receives(message: &SqsMessage) -> u32 {
    message.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok()).unwrap_or(1)
}
