//! The executions of a project's creation, as whoever looks after it needs them: told from the journal, step by
//! step, without what the steps were given and without what they returned as a whole.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SystemError;
use crate::cloud_db::CloudDb;
use crate::data::OpenDataDir;
use crate::states::{EventKind, Execution, HistoryEvent, Journal, JournalError, SqliteJournal, Status};

/// Of what a step returned, what refers to something: the first of these that it has.
const REFERENCES: [&str; 7] =
    ["templateRevision", "bundleSha256", "location", "retryAfterSeconds", "outcome", "discarded", "skipped"];
/// In characters. References are short; whatever is not is no reference.
const LONGEST_REFERENCE: usize = 300;

/// One execution of a project's creation: an attempt, or the undoing of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SagaRun {
    /// The execution's name: `prj-<project>-<attempt>`, and `-undo-<cause>` if it only undoes.
    pub name: String,
    /// How it stands.
    pub status: Status,
    /// The error it ended with, and its cause.
    pub error: Option<SagaError>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub stopped_at: Option<DateTime<Utc>>,
    /// What it did, in the order it began.
    pub steps: Vec<SagaStep>,
}

/// A state of an execution in which something was done or waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SagaStep {
    /// The state's name.
    pub name: String,
    /// How it stands.
    pub state: StepState,
    /// How often its task was called; 0 where there is none.
    pub tries: u32,
    /// When it was entered.
    pub began_at: DateTime<Utc>,
    /// When it was left.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why its last try failed; none once one succeeded.
    pub error: Option<SagaError>,
    /// What it left: a revision, a hash, a place. Never the thing itself.
    pub output: Option<String>,
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// Under way, or to be tried again.
    Running,
    /// It did its work.
    Succeeded,
    /// It failed for good.
    Failed,
    /// Its execution ended in the midst of it.
    Stopped,
}

/// An error's name, and what was said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SagaError {
    /// The name a state machine knows it by.
    pub name: String,
    /// For people.
    pub message: String,
}

/// The executions of projects' creations in one journal.
#[derive(Debug, Clone)]
pub struct Sagas(SqliteJournal);

impl Sagas {
    /// Those in this database.
    pub fn new(cloud: CloudDb) -> Self {
        Self(SqliteJournal::new(cloud))
    }

    /// Those in a data directory that no system runs on. None at all if it has lost them.
    pub fn open(data: &OpenDataDir) -> Result<Self, SystemError> {
        let file = data.dir().root().join("cloud.db");
        let cloud = if file.is_file() { CloudDb::open(&file)? } else { CloudDb::in_memory()? };
        Ok(Self::new(cloud))
    }

    /// Every execution for that project of that tenant, the first one first.
    pub fn of(&self, tenant: &str, project: &str) -> Result<Vec<SagaRun>, JournalError> {
        let is_of = |execution: &Execution| {
            execution.input["tenantId"] == tenant && execution.input["projectId"] == project
        };
        let named = self.0.named(&format!("prj-{project}-"))?;
        let run = |execution: Execution| {
            let history = self.0.history(&execution.name, 0)?;
            Ok(SagaRun::new(execution, &history))
        };
        named.into_iter().filter(is_of).map(run).collect()
    }
}

impl SagaRun {
    pub(super) fn new(execution: Execution, history: &[HistoryEvent]) -> Self {
        let mut steps: Vec<SagaStep> = Vec::new();
        for event in history {
            let Some(state) = &event.state else { continue };
            if event.kind == EventKind::StateEntered {
                steps.push(SagaStep::entered(state, event.timestamp));
            } else if let Some(step) = steps.iter_mut().rev().find(|step| step.name == *state) {
                step.go_on(event);
            }
        }
        let has_ended = execution.status != Status::Running;
        for step in steps.iter_mut().filter(|step| has_ended && step.state == StepState::Running) {
            step.state = StepState::Stopped;
            step.ended_at = execution.stopped_at;
        }
        // Choices and the like take no time and cannot fail on their own account.
        steps.retain(SagaStep::is_work);
        let error = execution.error.map(|name| {
            let message = message(&execution.cause.unwrap_or_default());
            SagaError { name, message }
        });
        let Execution { name, status, started_at, stopped_at, .. } = execution;
        Self { name, status, error, started_at, stopped_at, steps }
    }
}

impl SagaStep {
    fn entered(name: &str, began_at: DateTime<Utc>) -> Self {
        let (name, state) = (name.to_owned(), StepState::Running);
        Self { name, state, tries: 0, began_at, ended_at: None, error: None, output: None }
    }

    fn go_on(&mut self, event: &HistoryEvent) {
        match event.kind {
            EventKind::TaskStarted => self.tries += 1,
            EventKind::TaskSucceeded => {
                self.error = None;
                self.output = reference(&event.detail["result"]);
            }
            EventKind::StateFailed => {
                let text = |field: &str| event.detail[field].as_str().unwrap_or_default();
                self.error =
                    Some(SagaError { name: text("error").to_owned(), message: message(text("cause")) });
                (self.state, self.ended_at) = (StepState::Failed, Some(event.timestamp));
            }
            EventKind::RetryScheduled => (self.state, self.ended_at) = (StepState::Running, None),
            EventKind::StateExited => {
                self.ended_at = Some(event.timestamp);
                // A failure that was caught is left like any other state.
                self.state = if self.error.is_some() { StepState::Failed } else { StepState::Succeeded };
            }
            _ => {}
        }
    }

    fn is_work(&self) -> bool {
        let waits = self.ended_at.is_none_or(|ended| (ended - self.began_at).num_seconds() > 0);
        self.tries > 0 || (waits && self.state != StepState::Stopped)
    }
}

/// The message of an error object, as Lambda writes one into a cause; else the cause itself.
fn message(cause: &str) -> String {
    let object: Option<Value> = serde_json::from_str(cause).ok();
    let message = object.as_ref().and_then(|object| object["errorMessage"].as_str());
    message.unwrap_or(cause).to_owned()
}

fn reference(result: &Value) -> Option<String> {
    let payload = result.get("Payload").unwrap_or(result);
    let text = REFERENCES.iter().find_map(|name| match payload.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(format!("{name} {number}")),
        Value::Array(of) if !of.is_empty() => {
            let of: Vec<_> = of.iter().filter_map(Value::as_str).collect();
            Some(format!("{name} {}", of.join(", ")))
        }
        _ => None,
    });
    text.filter(|text| !text.is_empty() && text.chars().count() <= LONGEST_REFERENCE)
}

#[cfg(test)]
mod tests;
