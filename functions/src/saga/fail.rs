use serde::Deserialize;
use skafu_domain::project::{FailProjectCreation, FailureInput, Project, ProjectStatus, ReportStuckCreation};

use super::context::Context;
use super::{AttemptOutcome, Failure, StepError};

/// The most characters of a cause that an event keeps.
const MAX_MESSAGE: usize = 2000;

/// Lambda's error object, as it stands in a cause.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorObject {
    error_message: String,
}

impl Context<'_> {
    /// Closes the attempt, unless it has succeeded or is not the project's any more.
    ///
    /// From here on the project refuses whatever steps of the attempt have still to say, so what is found and undone
    /// afterwards cannot become part of a ready project.
    pub async fn fail_project(&self, failure: &Failure) -> Result<AttemptOutcome, StepError> {
        if let Some(outcome) = self.outcome(&self.project().await?.project) {
            return Ok(outcome);
        }
        let command = FailProjectCreation {
            project_id: self.saga.project_id.clone(),
            attempt: self.saga.attempt,
            failed_step: failure.step.clone(),
            error: input(failure),
        };
        self.send("project", "FailProjectCreation", command).await?;
        // Whether it is kept is the project's decision.
        let outcome = self.outcome(&self.project().await?.project);
        outcome.ok_or_else(|| StepError::Retryable("the failure is not on record yet".to_owned()))
    }

    /// What the attempt has come to; none while it is open.
    pub(super) fn outcome(&self, project: &Project) -> Option<AttemptOutcome> {
        if project.repository.is_some() {
            return Some(AttemptOutcome::Ready);
        }
        if project.current_attempt() != self.saga.attempt {
            return Some(AttemptOutcome::Superseded);
        }
        project.failure.as_ref().filter(|failure| failure.attempt == self.saga.attempt)?;
        let is_kept = project.is_kept() && project.status != ProjectStatus::Deleted;
        Some(if is_kept { AttemptOutcome::Kept } else { AttemptOutcome::Undo })
    }

    /// Records that the undoing failed.
    pub async fn report_stuck(&self, failure: &Failure) -> Result<(), StepError> {
        let command = ReportStuckCreation {
            project_id: self.saga.project_id.clone(),
            attempt: self.saga.attempt,
            failed_step: failure.step.clone(),
            error: input(failure),
        };
        self.send("project", "ReportStuckCreation", command).await
    }
}

fn input(failure: &Failure) -> FailureInput {
    let cause = failure.cause.as_deref().unwrap_or_default();
    let message = match serde_json::from_str::<ErrorObject>(cause) {
        Ok(object) => object.error_message,
        Err(_) => cause.to_owned(),
    };
    FailureInput { code: failure.error.clone(), message: message.chars().take(MAX_MESSAGE).collect() }
}
