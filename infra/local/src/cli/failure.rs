use std::error::Error;
use std::process::ExitCode;

use serde_json::{Value, json};
use skafu_domain::Violation;
use skafu_functions::Problem;
use skafu_store::StoreError;

use crate::cli::out::say;
use crate::client::ClientError;
use crate::data::DataError;
use crate::issuer::{KeyError, RequestError};
use crate::system::SystemError;

/// Why a command came to nothing, for people and for programs.
#[derive(Debug)]
pub(super) struct Failure {
    code: String,
    message: String,
    violations: Vec<Violation>,
}

impl Failure {
    pub(super) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), violations: Vec::new() }
    }

    pub(super) fn with(mut self, violations: Vec<Violation>) -> Self {
        self.violations = violations;
        self
    }

    /// Whether it is the failure of that code.
    pub(super) fn is(&self, code: &str) -> bool {
        self.code == code
    }

    /// What is wrong, and the way out, in one sentence.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// The whole chain of reasons in one sentence.
    pub(super) fn chain(code: &str, error: &dyn Error) -> Self {
        Self::new(code, chain(error))
    }

    /// The same failure, with the way out.
    pub(super) fn hint(mut self, hint: &str) -> Self {
        self.message = format!("{}: {hint}", self.message);
        self
    }

    /// Tells it: on standard error for people, on standard output for programs.
    pub(super) fn report(&self, json: bool) -> ExitCode {
        if json {
            say!("{}", self.as_json());
        } else {
            eprintln!("error: {}", self.message);
            for violation in &self.violations {
                eprintln!("  {}: {} ({})", violation.field, violation.message, violation.code);
            }
        }
        ExitCode::FAILURE
    }

    fn as_json(&self) -> Value {
        json!({ "error": { "code": self.code, "message": self.message, "violations": self.violations } })
    }
}

/// An error with all its reasons, in one sentence.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        message.push_str(&format!(": {error}"));
        source = error.source();
    }
    message
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { code: problem.code, message: problem.detail, violations: problem.violations }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Refused(problem) => problem.into(),
            ClientError::Unreachable { .. } => Self::chain("UNREACHABLE", &error),
            ClientError::Unexpected(_) => Self::chain("UNEXPECTED_ANSWER", &error),
        }
    }
}

impl From<SystemError> for Failure {
    fn from(error: SystemError) -> Self {
        match error {
            SystemError::Data(error) => error.into(),
            SystemError::PortTaken(_) | SystemError::Port(..) => Self::chain("PORT_UNAVAILABLE", &error),
            _ => Self::chain("START_FAILED", &error),
        }
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        match error {
            DataError::InUse(..) => Self::chain("DATA_IN_USE", &error),
            DataError::Unusable(..) => Self::chain("DATA_UNUSABLE", &error),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable { .. } => Self::chain("STORE_UNAVAILABLE", &error)
                .hint("see that --endpoint, --table and the credentials are right"),
            StoreError::MissingPayload { .. } => Self::chain("PAYLOAD_MISSING", &error)
                .hint("large payloads are kept beside the table and read from --data alone"),
            _ => Self::chain("STORE_DAMAGED", &error).hint("`skafu store verify` tells all that is wrong"),
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        Self::chain("ISSUER_UNUSABLE", &error)
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        Self::chain("VALIDATION_ERROR", &error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::chain("IO", &error)
    }
}
