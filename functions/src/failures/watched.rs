use std::sync::Arc;

use lambda_runtime::Diagnostic;
use serde::Serialize;
use serde_json::Value;
use skafu_store::Chain;

use crate::Clock;

use super::{ErrorOccurred, Failure, FailureReports};

/// A step's rejection is an answer to the user, who reads it in the project; nothing is out of order.
const ANSWER: &str = "Rejected";

/// Looks at what a function answers, and tells of its failures before the answer goes out: afterwards the process may
/// be frozen.
#[derive(Clone)]
pub struct Watched {
    function: String,
    reports: Arc<dyn FailureReports>,
    clock: Arc<dyn Clock>,
}

impl Watched {
    /// For the function of that name.
    pub fn new(function: impl Into<String>, reports: Arc<dyn FailureReports>, clock: Arc<dyn Clock>) -> Self {
        Self { function: function.into(), reports, clock }
    }

    /// Waits for the answer to a request, and passes it on.
    pub async fn answer<T, E>(
        &self,
        request_id: &str,
        answer: impl Future<Output = Result<T, E>>,
    ) -> Result<Value, Diagnostic>
    where
        T: Serialize,
        E: Into<Diagnostic>,
    {
        let answer = match answer.await {
            Ok(answer) => serde_json::to_value(answer).map_err(|error| Diagnostic {
                error_type: "Unanswerable".to_owned(),
                error_message: error.to_string(),
            }),
            Err(error) => Err(error.into()),
        };
        if let Some(failure) = failure(&answer) {
            self.tell(request_id, failure).await;
        }
        answer
    }

    async fn tell(&self, request_id: &str, failure: Failure) {
        let (function, request_id) = (self.function.clone(), request_id.to_owned());
        let occurred = ErrorOccurred { function, request_id, at: self.clock.now(), failure };
        if let Err(error) = self.reports.report(&occurred).await {
            tracing::warn!(error = %Chain(&error), "a failure is told here alone");
        }
    }
}

fn failure(answer: &Result<Value, Diagnostic>) -> Option<Failure> {
    let answer = match answer {
        Err(error) if error.error_type == ANSWER => return None,
        Err(error) => return Some(Failure::Failed { error_type: error.error_type.clone() }),
        Ok(answer) => answer,
    };
    if let Some(status) = answer["statusCode"].as_u64().filter(|status| *status >= 500) {
        return Some(Failure::ServerError { status });
    }
    let failed = answer["batchItemFailures"].as_array().filter(|failures| !failures.is_empty())?;
    Some(Failure::RecordsFailed { records: failed.len() })
}
