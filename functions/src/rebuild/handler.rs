use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use skafu_events::Timestamp;
use skafu_store::{Chain, EventStore, ViewStore};

use super::{Begun, Rebuild, RebuildError};
use crate::metrics::{Metrics, NoMetrics};
use crate::projections::{Feed, ProjectError};

/// Into how many segments a scan is divided if nobody says.
const SEGMENTS: u32 = 16;
/// How long the generation before is kept if nobody says.
const KEEP: Duration = Duration::from_secs(24 * 3_600);
/// What a task leaves of its time for the page it is at.
const MARGIN: Duration = Duration::from_secs(60);

/// One task, as a state machine or a schedule asks for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "task", rename_all_fields = "camelCase")]
enum Task {
    /// Registers a generation. The answer is what the other tasks need.
    Begin {
        view: String,
        #[serde(default)]
        segments: Option<u32>,
    },
    /// Reads a segment on, as far as the time allows.
    Segment { begun: BegunView, index: u32 },
    /// Whether the new generation may be shown.
    Check { begun: BegunView },
    /// Shows it.
    Flip {
        begun: BegunView,
        #[serde(default)]
        keep_seconds: Option<u64>,
    },
    /// Compares a view with fresh folds.
    Verify { view: String },
}

/// What was begun, and of which view.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BegunView {
    view: String,
    generation: u32,
    segments: u32,
    scan_from: Timestamp,
}

/// Why a task failed, told apart by what the state machine can do about it.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// Trying again may help.
    #[error("{0}")]
    Retryable(String),
    /// Trying again will not help.
    #[error("{0}")]
    Rejected(String),
}

impl TaskError {
    /// The name a state machine's `Retry` matches.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Retryable(_) => "Retryable",
            Self::Rejected(_) => "Rejected",
        }
    }
}

impl From<TaskError> for lambda_runtime::Diagnostic {
    fn from(error: TaskError) -> Self {
        Self { error_type: error.error_type().to_owned(), error_message: error.to_string() }
    }
}

impl From<RebuildError> for TaskError {
    fn from(error: RebuildError) -> Self {
        let passing = match &error {
            RebuildError::Store(error) => error.is_retryable(),
            RebuildError::Generations(_) | RebuildError::TooEarly => true,
            RebuildError::Aggregate { source: ProjectError::Store(error), .. } => error.is_retryable(),
            RebuildError::Aggregate { source, .. } => {
                matches!(source, ProjectError::Contended | ProjectError::Behind { .. })
            }
            _ => false,
        };
        let text = Chain(&error).to_string();
        if passing { Self::Retryable(text) } else { Self::Rejected(text) }
    }
}

/// The handler of the `rebuild` function.
pub struct RebuildTask {
    feeds: Vec<Arc<Feed>>,
    events: Arc<dyn EventStore>,
    rows: Arc<dyn ViewStore>,
    wait: Duration,
    metrics: Arc<dyn Metrics>,
}

impl RebuildTask {
    /// A handler over all views. `wait` is at least as long as a projector may run.
    pub fn new(
        feeds: Vec<Arc<Feed>>,
        events: Arc<dyn EventStore>,
        rows: Arc<dyn ViewStore>,
        wait: Duration,
    ) -> Self {
        Self { feeds, events, rows, wait, metrics: Arc::new(NoMetrics) }
    }

    /// Reports what verifying found.
    pub fn with_metrics(mut self, metrics: Arc<dyn Metrics>) -> Self {
        self.metrics = metrics;
        self
    }

    /// Does one task within that time.
    pub async fn handle(&self, event: Value, time: Duration) -> Result<Value, TaskError> {
        let end = Instant::now() + time.saturating_sub(MARGIN);
        let task: Task = serde_json::from_value(event)
            .map_err(|error| TaskError::Rejected(format!("the task cannot be read: {error}")))?;
        match task {
            Task::Begin { view, segments } => self.begin(view, segments.unwrap_or(SEGMENTS)).await,
            Task::Segment { begun, index } => {
                let (rebuild, begun) = self.of(&begun)?;
                let standing = rebuild.segment(&begun, index, &|_| Instant::now() >= end).await?;
                Ok(json!({ "index": index, "done": standing.done, "counts": standing.counts }))
            }
            Task::Check { begun } => {
                let (rebuild, begun) = self.of(&begun)?;
                Ok(json!(rebuild.check(&begun).await?))
            }
            Task::Flip { begun, keep_seconds } => {
                let view = begun.view.clone();
                let (rebuild, begun) = self.of(&begun)?;
                let keep = keep_seconds.map_or(KEEP, Duration::from_secs);
                let generations = rebuild.flip(&begun, keep).await?;
                Ok(json!({ "view": view, "active": generations.active().number }))
            }
            Task::Verify { view } => self.verify(&view, end).await,
        }
    }

    async fn begin(&self, view: String, segments: u32) -> Result<Value, TaskError> {
        let rebuild = self.rebuild(&view)?;
        let begun = rebuild.begin(segments.clamp(1, 1_000)).await?;
        // Whole seconds, and none of them too few.
        let wait = rebuild.remaining_wait(&begun).as_millis().div_ceil(1_000);
        let indexes: Vec<u32> = (0..begun.segments).collect();
        let Begun { generation, segments, scan_from, resumed } = begun;
        let begun = json!(BegunView { view, generation, segments, scan_from });
        Ok(json!({ "begun": begun, "resumed": resumed, "waitSeconds": wait as u64, "indexes": indexes }))
    }

    /// The report goes to the log; what is wrong is counted, for an alarm to ring.
    async fn verify(&self, view: &str, end: Instant) -> Result<Value, TaskError> {
        let rebuild = self.rebuild(view)?;
        let report = rebuild.verify(4, &|_| Instant::now() >= end).await?;
        self.metrics.count("Different", rebuild.view(), report.wrong);
        self.metrics.count("VerifiedAggregates", rebuild.view(), report.counts.aggregates);
        self.metrics.count("VerifyUnfinished", rebuild.view(), u64::from(report.incomplete));
        for it in &report.findings {
            // What the rows say is not for the log.
            let (stream, kind) = (it.stream.as_deref().unwrap_or("shared rows"), it.kind);
            tracing::error!(view, stream, kind, shown = it.shown, version = it.version, "not as it must be");
        }
        let counts = json!(report.counts);
        Ok(json!({ "view": view, "wrong": report.wrong, "incomplete": report.incomplete, "counts": counts }))
    }

    fn rebuild(&self, view: &str) -> Result<Rebuild, TaskError> {
        let feed = self.feeds.iter().find(|feed| feed.view() == view);
        let feed = feed.ok_or_else(|| TaskError::Rejected(format!("there is no view named {view}")))?;
        let (events, rows) = (Arc::clone(&self.events), Arc::clone(&self.rows));
        Ok(Rebuild::new(Arc::clone(feed), events, rows, self.wait))
    }

    fn of(&self, begun: &BegunView) -> Result<(Rebuild, Begun), TaskError> {
        let BegunView { view, generation, segments, scan_from } = begun;
        let begun =
            Begun { generation: *generation, segments: *segments, scan_from: *scan_from, resumed: true };
        Ok((self.rebuild(view)?, begun))
    }
}
