//! What a function could not do is told to the error bus, as the event `ErrorOccurred`: what kind of failure, where and
//! in which request. What was sent and by whom stays out of it; the function's log has the causes.

mod watched;

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use serde::Serialize;
use skafu_events::Timestamp;

pub use watched::Watched;

/// The source of the event on the error bus.
pub const SOURCE: &str = "skafu.operations";
/// The event's type.
pub const ERROR_OCCURRED: &str = "ErrorOccurred";

/// An internal failure of a function. That somebody asked for what there is not, or may not have it, is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorOccurred {
    /// The function's name.
    pub function: String,
    /// The invocation, as the function's log names it.
    pub request_id: String,
    /// When it was told.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub failure: Failure,
}

/// How a function failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub enum Failure {
    /// The invocation ended with an error of that type, and will be repeated by whoever invoked it, if at all.
    Failed {
        /// The error's type, such as `Retryable`.
        error_type: String,
    },
    /// A request was answered with that status, 500 or above.
    ServerError {
        /// The HTTP status.
        status: u64,
    },
    /// So many records of a batch were not handled, and will be delivered again.
    RecordsFailed {
        /// How many.
        records: usize,
    },
}

/// The failure could not be told. The function's log has it all the same.
#[derive(Debug, thiserror::Error)]
#[error("the error bus did not take it")]
pub struct ReportError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Is told of failures.
#[async_trait]
pub trait FailureReports: Send + Sync {
    /// Tells it once, and does not wait long.
    async fn report(&self, occurred: &ErrorOccurred) -> Result<(), ReportError>;
}

/// The twin: keeps what it is told.
#[derive(Debug, Default)]
pub struct MemoryReports(Mutex<Vec<ErrorOccurred>>);

impl MemoryReports {
    /// Everything told so far.
    pub fn told(&self) -> Vec<ErrorOccurred> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl FailureReports for MemoryReports {
    async fn report(&self, occurred: &ErrorOccurred) -> Result<(), ReportError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(occurred.clone());
        Ok(())
    }
}
