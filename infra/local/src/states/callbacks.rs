//! Answering tasks that wait for their token.

use serde_json::Value;

use super::{failure::Failure, service::Executions, tokens::CallbackError};

impl Executions {
    /// Ends the task that waits for this token, with this result. When this returns, the answer is durable,
    /// unless the task is inside a `Parallel` or a `Map`: those begin anew in a later process, with new tokens.
    pub fn send_task_success(&self, token: &str, output: Value) -> Result<(), CallbackError> {
        self.engine().tokens.succeed(token, output)
    }

    /// Fails the task that waits for this token; otherwise as [`send_task_success`](Self::send_task_success).
    pub fn send_task_failure(&self, token: &str, failure: Failure) -> Result<(), CallbackError> {
        self.engine().tokens.fail(token, failure)
    }

    /// Shows that somebody still works for this token: the task's `HeartbeatSeconds` count from now.
    pub fn send_task_heartbeat(&self, token: &str) -> Result<(), CallbackError> {
        self.engine().tokens.hear(token)
    }
}
