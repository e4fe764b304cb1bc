use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing wrong with what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Violation {
    /// Where, as a JSON pointer into the body (`/data/name`) or a template's path (`src/app.py:3:7`).
    pub field: String,
    /// What kind of wrong, in a word: `required`, `pattern`, `choice`, `INVALID_TEMPLATE_SYNTAX` …
    pub code: String,
    /// A sentence for people. Never repeats the offending value.
    pub message: String,
}

impl Violation {
    /// Something wrong at `field`.
    pub fn new(field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.into(), message: message.into() }
    }
}

/// Why a command was not accepted. Nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// What was sent is wrong in itself: send it differently.
    #[error("the command is not valid")]
    Invalid(Vec<Violation>),
    /// The target does not exist.
    #[error("{0} does not exist")]
    NotFound(&'static str),
    /// The target exists already.
    #[error("{0} exists already")]
    Exists(&'static str),
    /// What was sent is fine, but a rule forbids it as things stand.
    #[error("{message}")]
    Rule {
        /// The rule, in kebab case.
        rule: &'static str,
        /// What the rule says, and the way out.
        message: String,
        /// Where exactly it is broken, when there is more to say.
        violations: Vec<Violation>,
    },
}

impl Rejection {
    /// A rule forbids it.
    pub fn rule(rule: &'static str, message: impl Into<String>) -> Self {
        Self::Rule { rule, message: message.into(), violations: Vec::new() }
    }
}
