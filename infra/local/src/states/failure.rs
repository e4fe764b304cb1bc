//! Errors as the states language knows them: a name to match and a cause for people.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Matches every error that can be handled at all.
pub(super) const ALL: &str = "States.ALL";
/// Matches every error but a timeout.
pub(super) const TASK_FAILED: &str = "States.TaskFailed";
/// A task or an execution took too long. As a name to match, it covers tasks that were silent, too.
pub(super) const TIMEOUT: &str = "States.Timeout";
/// A task was silent for longer than its `HeartbeatSeconds`.
pub(super) const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
/// No rule of a `Choice` holds and it has no default.
pub(super) const NO_CHOICE_MATCHED: &str = "States.NoChoiceMatched";
/// A JSONata expression failed, or its result is of no use where it stands.
pub(super) const QUERY_EVALUATION: &str = "States.QueryEvaluationError";
/// A state's output is larger than an execution may carry.
pub(super) const DATA_LIMIT_EXCEEDED: &str = "States.DataLimitExceeded";
/// The execution cannot go on, whatever its definition says.
pub(super) const RUNTIME: &str = "States.Runtime";

/// Why a task, a state or an execution failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{error}: {cause}")]
#[serde(rename_all = "PascalCase")]
pub struct Failure {
    /// The name `Retry` and `Catch` match: a function's `errorType` or one of `States.*`.
    pub error: String,
    /// The details; for a function's failure, its error object as JSON text.
    pub cause: String,
}

impl Failure {
    /// A failure of the given name.
    pub fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { error: error.into(), cause: cause.into() }
    }

    /// What a `Catch` sees as `$states.errorOutput`.
    pub(super) fn to_error_output(&self) -> Value {
        json!({ "Error": self.error, "Cause": self.cause })
    }

    /// Whether an `ErrorEquals` list covers this failure.
    pub(super) fn is_one_of(&self, error_equals: &[String]) -> bool {
        let hopeless = matches!(self.error.as_str(), RUNTIME | DATA_LIMIT_EXCEEDED);
        error_equals.iter().any(|name| match name.as_str() {
            ALL => !hopeless,
            TASK_FAILED => !hopeless && self.error != TIMEOUT,
            TIMEOUT => self.error == TIMEOUT || self.error == HEARTBEAT_TIMEOUT,
            name => name == self.error && self.error != RUNTIME,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_cover_what_step_functions_lets_them_cover() {
        let covers = |name: &str, error: &str| Failure::new(error, "").is_one_of(&[name.to_owned()]);
        assert!(covers("Declined", "Declined") && !covers("Declined", "Other"));
        assert!(covers(ALL, "Declined") && covers(ALL, TIMEOUT) && covers(ALL, QUERY_EVALUATION));
        assert!(covers(TASK_FAILED, "Declined") && !covers(TASK_FAILED, TIMEOUT));
        assert!(
            covers(TIMEOUT, TIMEOUT) && covers(TIMEOUT, HEARTBEAT_TIMEOUT) && !covers(TIMEOUT, "Declined")
        );
        assert!(covers(HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT) && !covers(HEARTBEAT_TIMEOUT, TIMEOUT));
        assert!(covers(TASK_FAILED, HEARTBEAT_TIMEOUT) && covers(ALL, HEARTBEAT_TIMEOUT));
        assert!(!covers(ALL, RUNTIME) && !covers(TASK_FAILED, RUNTIME) && !covers(RUNTIME, RUNTIME));
        assert!(!covers(ALL, DATA_LIMIT_EXCEEDED) && covers(DATA_LIMIT_EXCEEDED, DATA_LIMIT_EXCEEDED));
    }
}
