//! The one way anything in the embedded cloud calls a function: JSON in, JSON out, as Lambda does.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a function that failed leaves behind; the shape of Lambda's error object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{error_type}: {error_message}")]
#[serde(rename_all = "camelCase")]
pub struct FunctionFailure {
    /// A stable name a state machine's `Retry` and `Catch` can match.
    pub error_type: String,
    /// A sentence for people.
    pub error_message: String,
}

impl FunctionFailure {
    /// A failure of the given type.
    pub fn new(error_type: impl Into<String>, error_message: impl Into<String>) -> Self {
        Self { error_type: error_type.into(), error_message: error_message.into() }
    }
}

/// A function of the stack, called with the JSON of the AWS event it is subscribed to.
#[async_trait]
pub trait Invoke: Send + Sync {
    /// Runs the function once. `Err` is what Lambda reports as a function error.
    async fn invoke(&self, payload: Value) -> Result<Value, FunctionFailure>;
}
