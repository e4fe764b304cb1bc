use serde::Deserialize;

use super::{Failure, SagaInput, Undo};

/// What Step Functions tells of an execution that has ended, as far as it matters here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StatusChange {
    /// The execution's name.
    pub name: String,
    status: String,
    /// What it was started with, as text.
    input: Option<String>,
    error: Option<String>,
    cause: Option<String>,
}

/// The errors of the machine's own ends: whoever comes to one of them has seen to everything.
const OWN_ENDS: &str = "ProjectCreation";

impl StatusChange {
    /// Whether the execution ended where its definition does not: stopped from outside, out of time, or by an error
    /// no state can catch.
    pub fn is_premature(&self) -> bool {
        let own = self.error.as_deref().is_some_and(|error| error.starts_with(OWN_ENDS));
        matches!(self.status.as_str(), "ABORTED" | "TIMED_OUT") || (self.status == "FAILED" && !own)
    }

    /// The execution that undoes what this one left. None for one that was undoing itself: what cannot be undone
    /// twice is a person's to look at.
    pub fn undoing(&self) -> Result<Option<SagaInput>, serde_json::Error> {
        let input: SagaInput = serde_json::from_str(self.input.as_deref().unwrap_or_default())?;
        if input.undo.is_some() {
            return Ok(None);
        }
        let failure = Failure {
            step: "ProjectCreation".to_owned(),
            error: self.error.clone().unwrap_or_else(|| self.status.clone()),
            cause: self.cause.clone().or_else(|| Some("its execution ended before its time".to_owned())),
        };
        Ok(Some(SagaInput { undo: Some(Undo { cause: "stopped".to_owned(), failure }), ..input }))
    }
}
