use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use skafu_domain::command::DecodeError;
use skafu_domain::{Denied, Rejection, Violation};
use skafu_store::consistency::TokenError;
use skafu_store::{Chain, StoreError};

/// A refusal as every client receives it: problem details (RFC 9457) with a stable `code`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{code}: {detail}")]
pub struct Problem {
    /// A name for the kind of problem: `urn:skafu:problem:<code in kebab case>`.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// The kind of problem in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// A stable name for programs.
    pub code: String,
    /// What happened, and the way out.
    pub detail: String,
    /// The rule that forbids it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The version the target is at, where the command expected another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_version: Option<u64>,
    /// What has changed since the version the command expected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed_fields: Vec<String>,
    /// Everything wrong with what was sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Violation>,
}

impl Problem {
    /// A problem of the given status, code and title.
    pub fn new(status: u16, code: &str, title: &str, detail: impl Into<String>) -> Self {
        Self {
            problem_type: format!("urn:skafu:problem:{}", code.to_ascii_lowercase().replace('_', "-")),
            title: title.to_owned(),
            status,
            code: code.to_owned(),
            detail: detail.into(),
            rule: None,
            current_version: None,
            changed_fields: Vec::new(),
            violations: Vec::new(),
        }
    }

    /// What was sent is wrong in itself.
    pub fn invalid(violations: Vec<Violation>) -> Self {
        let detail = "what was sent is not valid: see the violations";
        Self { violations, ..Self::new(400, "VALIDATION_ERROR", "Not valid", detail) }
    }

    /// The body is over the limit.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(413, "PAYLOAD_TOO_LARGE", "Too large", detail)
    }

    /// The caller is nobody we know.
    pub fn unauthorized() -> Self {
        Self::new(401, "UNAUTHORIZED", "Not signed in", "the request carries no valid identity")
    }

    /// The consistency token was not given to this caller.
    pub fn invalid_consistency_token() -> Self {
        let detail = "the consistency token was not given to you: leave it out";
        Self::new(400, "INVALID_CONSISTENCY_TOKEN", "Not your token", detail)
    }

    /// The consistency token is too old.
    pub fn consistency_token_expired() -> Self {
        let detail = "the consistency token has expired: leave it out";
        Self::new(400, "CONSISTENCY_TOKEN_EXPIRED", "Token expired", detail)
    }

    /// Something on our side did not answer: the same request may succeed later.
    pub fn unavailable() -> Self {
        Self::new(503, "RETRYABLE_ERROR", "Not available", "a part of the system did not answer: try again")
    }

    /// A bug. The reason is in the log, not in the answer.
    pub fn internal() -> Self {
        Self::new(500, "INTERNAL", "Internal error", "something went wrong on our side")
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.status == 429 || self.status >= 500 || self.code == "CONFLICT"
    }
}

impl From<DecodeError> for Problem {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Invalid(violations) => Self::invalid(violations),
            DecodeError::UnknownCommand => {
                Self::new(404, "UNKNOWN_COMMAND", "No such command", error.to_string())
            }
            DecodeError::NotJson { .. } => Self::new(400, "MALFORMED_JSON", "Not JSON", error.to_string()),
            DecodeError::Schema(_) => {
                tracing::error!(%error, "a command's schema is broken");
                Self::internal()
            }
        }
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotFound => {
                Self::new(404, "NOT_FOUND", "Not found", "there is no such thing in your tenant")
            }
            Denied::Forbidden => Self::new(403, "FORBIDDEN", "Not allowed", "your role does not allow this"),
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let detail = rejection.to_string();
        match rejection {
            Rejection::Invalid(violations) => Self::invalid(violations),
            Rejection::NotFound(_) => Self::new(404, "NOT_FOUND", "Not found", detail),
            Rejection::Exists(_) => Self::new(409, "ALREADY_EXISTS", "Exists already", detail),
            Rejection::Rule { rule, message, violations } => Self {
                rule: Some(rule.to_owned()),
                violations,
                ..Self::new(422, "BUSINESS_RULE_VIOLATION", "Against a rule", message)
            },
        }
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Forged => Self::invalid_consistency_token(),
            TokenError::Expired => Self::consistency_token_expired(),
            TokenError::Keys(error) => {
                tracing::error!(error = %Chain(&error), "a consistency token is not read");
                Self::unavailable()
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::OutOfBounds(_) => return Self::too_large(error.to_string()),
            StoreError::Unavailable { .. } => {}
            _ => {
                tracing::error!(error = %Chain(&error), "the store failed");
                return Self::internal();
            }
        }
        tracing::warn!(error = %Chain(&error), "the store is not available");
        Self::unavailable()
    }
}
