//! What is known of an execution, while it runs and for ever after.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::failure::Failure;

/// One run of a state machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Execution {
    /// Unique among all executions.
    pub name: String,
    /// The state machine's name.
    pub machine: String,
    /// What it was started with.
    pub input: Value,
    /// How it stands.
    pub status: Status,
    /// What it returned, once it has succeeded.
    pub output: Option<Value>,
    /// The error's name, if it ended otherwise.
    pub error: Option<String>,
    /// The error's details, if it ended otherwise.
    pub cause: Option<String>,
    /// When it was started.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub stopped_at: Option<DateTime<Utc>>,
}

impl Execution {
    /// The identifier expressions see as `$states.context.Execution.Id`.
    pub fn arn(&self) -> String {
        format!("arn:aws:states:local:000000000000:execution:{}:{}", self.machine_name(), self.name)
    }

    /// The identifier expressions see as `$states.context.StateMachine.Id`.
    pub fn machine_arn(&self) -> String {
        format!("arn:aws:states:local:000000000000:stateMachine:{}", self.machine_name())
    }

    /// The state machine's name proper: machines may be known by their ARN.
    pub fn machine_name(&self) -> &str {
        self.machine.rsplit_once(':').map_or(&self.machine, |(_, name)| name)
    }

    /// The execution as it is once it has ended.
    pub(super) fn ended(&self, outcome: &Outcome, at: DateTime<Utc>) -> Self {
        let failure = outcome.as_result().err();
        Self {
            status: outcome.status(),
            output: outcome.as_result().ok().cloned(),
            error: failure.map(|failure| failure.error.clone()),
            cause: failure.map(|failure| failure.cause.clone()),
            stopped_at: Some(at),
            ..self.clone()
        }
    }
}

/// How an execution stands; all but `RUNNING` are final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "Step Functions' own names")]
pub enum Status {
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Aborted,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// With this output.
    Succeeded(Value),
    /// A state failed and nothing caught it, or the machine came to a `Fail` state.
    Failed(Failure),
    /// It took longer than the machine allows.
    TimedOut(Failure),
    /// It was stopped from outside.
    Aborted(Failure),
}

impl Outcome {
    /// The status it leaves.
    pub fn status(&self) -> Status {
        match self {
            Self::Succeeded(_) => Status::Succeeded,
            Self::Failed(_) => Status::Failed,
            Self::TimedOut(_) => Status::TimedOut,
            Self::Aborted(_) => Status::Aborted,
        }
    }

    /// The output or the failure.
    pub fn as_result(&self) -> Result<&Value, &Failure> {
        match self {
            Self::Succeeded(output) => Ok(output),
            Self::Failed(failure) | Self::TimedOut(failure) | Self::Aborted(failure) => Err(failure),
        }
    }
}

/// Where an execution goes on after its process died: at the beginning of this state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The state's name.
    pub state: String,
    /// The state's input.
    pub input: Value,
    /// All variables, as they were when the state was entered.
    pub variables: Map<String, Value>,
    /// When the state was entered.
    pub entered_at: DateTime<Utc>,
    /// How many retries each of the state's retriers has spent.
    pub retries_used: Vec<u32>,
    /// When a `Wait` ends, or the next attempt is due.
    pub wake_at: Option<DateTime<Utc>>,
    /// Of a task that waits for its token, once it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<Callback>,
}

/// What a task that waits for its token must not forget. What was answered is in the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// The token; each attempt has its own.
    pub token: String,
    /// Whether the function has returned: it is not called again.
    pub is_called: bool,
    /// When the task has taken too long.
    pub timeout_at: Option<DateTime<Utc>>,
}

impl Checkpoint {
    /// The moment a state is entered.
    pub(super) fn entering(
        state: &str,
        input: Value,
        variables: Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Self {
        let state = state.to_owned();
        Self {
            state,
            input,
            variables,
            entered_at: now,
            retries_used: Vec::new(),
            wake_at: None,
            callback: None,
        }
    }
}

/// Something that happened to an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// When.
    pub timestamp: DateTime<Utc>,
    /// What.
    pub kind: EventKind,
    /// In which state; `None` if it concerns the execution as a whole.
    pub state: Option<String>,
    /// An object, with fields by kind.
    pub detail: Value,
}

/// An entry of an execution's history.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEvent {
    /// Counts from 1, without gaps.
    pub id: u64,
    /// When it happened.
    pub timestamp: DateTime<Utc>,
    /// What happened.
    pub kind: EventKind,
    /// In which state; `None` if it concerns the execution as a whole.
    pub state: Option<String>,
    /// An object, with fields by kind.
    pub detail: Value,
}

impl HistoryEvent {
    /// The event with its place in the history.
    pub(super) fn numbered(id: u64, event: &NewEvent) -> Self {
        let NewEvent { timestamp, kind, state, detail } = event.clone();
        Self { id, timestamp, kind, state, detail }
    }
}

/// What can happen to an execution; the fields of `detail` in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// (`input`)
    ExecutionStarted,
    /// The process that ran it had ended; another goes on.
    ExecutionResumed,
    /// (`input`)
    StateEntered,
    /// A service is called (`resource`, `arguments`).
    TaskStarted,
    /// What a task's token was answered with, by whoever had it or by the task's own limits: the first
    /// answer stands (`token`, and `output` or `error` and `cause`).
    TaskAnswered,
    /// The service answered (`result`).
    TaskSucceeded,
    /// (`until`)
    WaitStarted,
    /// An attempt failed (`error`, `cause`).
    StateFailed,
    /// Another attempt follows (`attempt`: 1 for the first retry, `at`).
    RetryScheduled,
    /// A `Catch` took over (`error`, `next`).
    FailureCaught,
    /// (`output`)
    StateExited,
    /// (`output`)
    ExecutionSucceeded,
    /// (`error`, `cause`)
    ExecutionFailed,
    /// (`error`, `cause`)
    ExecutionTimedOut,
    /// (`error`, `cause`)
    ExecutionAborted,
}
