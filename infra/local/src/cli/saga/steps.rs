//! What every execution did, from the journal; where that is not at hand, what the events tell of each attempt.

use chrono::{DateTime, Utc};
use serde::Serialize;
use skafu_events::{AggregateKind, StreamId};
use skafu_store::{Consistency, EventStore, History};
use skafu_views::{Change, FIRST_GENERATION, Keys, Operation, OperationPart, OperationView, Step, View};

use super::standing::Standing;
use crate::cli::failure::Failure;
use crate::states::Status;
use crate::system::{SagaError, SagaRun, SagaStep, StepState};

/// An execution, as far as it is known.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    pub name: String,
    pub source: Source,
    /// None if only events tell of it.
    pub status: Option<Status>,
    pub error: Option<SagaError>,
    pub started_at: Option<DateTime<Utc>>,
    pub stopped_at: Option<DateTime<Utc>>,
    pub steps: Vec<ToldStep>,
}

/// Who tells of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Source {
    Journal,
    Events,
}

/// A step, as far as it is known.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToldStep {
    pub name: String,
    pub state: StepState,
    /// None if only events tell of it.
    pub tries: Option<u32>,
    pub began_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub error: Option<SagaError>,
    pub output: Option<String>,
}

/// Every execution of the creation, the first one first.
pub(super) async fn told(events: &dyn EventStore, standing: &Standing) -> Result<Vec<Told>, Failure> {
    match &standing.runs {
        Some(runs) if !runs.is_empty() => Ok(runs.iter().cloned().map(Told::from).collect()),
        _ => by_events(events, &standing.history).await,
    }
}

impl From<SagaRun> for Told {
    fn from(run: SagaRun) -> Self {
        let SagaRun { name, status, error, started_at, stopped_at, steps } = run;
        Self {
            name,
            source: Source::Journal,
            status: Some(status),
            error,
            started_at: Some(started_at),
            stopped_at,
            steps: steps.into_iter().map(ToldStep::from).collect(),
        }
    }
}

impl From<SagaStep> for ToldStep {
    fn from(step: SagaStep) -> Self {
        let SagaStep { name, state, tries, began_at, ended_at, error, output } = step;
        Self { name, state, tries: Some(tries), began_at, ended_at, error, output }
    }
}

async fn by_events(events: &dyn EventStore, project: &History) -> Result<Vec<Told>, Failure> {
    let stream = project.stream();
    let id = stream.id();
    let repository = StreamId::new(stream.tenant().clone(), AggregateKind::Repository, id)
        .map_err(|error| Failure::chain("VALIDATION_ERROR", &error))?;
    let mut parts = parts(project)?;
    parts.extend(self::parts(&events.load(&repository, Consistency::Strong).await?)?);
    let Some(operation) = Operation::of(&parts) else { return Ok(Vec::new()) };
    let mut told: Vec<Told> = Vec::new();
    for step in operation.steps {
        let name = format!("prj-{id}-{}", step.attempt);
        let error = step.error.map(|error| SagaError { name: error.code, message: error.message });
        let step = ToldStep {
            name: step.name,
            state: if error.is_some() { StepState::Failed } else { StepState::Succeeded },
            tries: None,
            began_at: step.started_at.date_time(),
            ended_at: Some(step.at.date_time()),
            error,
            output: step.output,
        };
        match told.iter_mut().find(|it| it.name == name) {
            Some(execution) => execution.steps.push(step),
            None => told.push(Told {
                name,
                source: Source::Events,
                status: None,
                error: None,
                started_at: Some(step.began_at),
                stopped_at: None,
                steps: vec![step],
            }),
        }
    }
    Ok(told)
}

/// The commits as the view of operations keeps them.
fn parts(history: &History) -> Result<Vec<OperationPart>, Failure> {
    let keys = Keys::new(history.stream().tenant(), OperationView::NAME, FIRST_GENERATION);
    let mut parts = Vec::new();
    for commit in history.commits() {
        let events: Vec<_> = commit.envelopes().collect();
        let step = Step { stream: history.stream(), events: &events, before: None, after: None };
        for change in OperationView::changes(&keys, step) {
            if let Change::Put { content, .. } = change {
                let part = serde_json::from_value(content);
                parts.push(part.map_err(|error| Failure::chain("INTERNAL", &error))?);
            }
        }
    }
    Ok(parts)
}
