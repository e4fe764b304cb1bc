use serde::Deserialize;
use skafu_domain::project::{FailProjectCreation, FailureInput, ProjectStatus};
use skafu_domain::repository::{DeleteRepository, Repository};
use skafu_events::AggregateKind;
use skafu_forge::repositories::Discarded;

use super::context::Context;
use super::{Failure, StepError};

/// The most characters of a cause that an event keeps.
const MAX_MESSAGE: usize = 2000;

/// Lambda's error object, as it stands in a cause.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorObject {
    error_message: String,
}

impl Context<'_> {
    /// Removes the repository, unless somebody has touched it. It is found by its place, which follows
    /// from the project alone: an effect whose record was lost is undone, too.
    ///
    /// A project that is ready has lost nothing but the answer that said so: its repository stays, and `ready` is
    /// returned, with which the machine goes forward again.
    pub async fn discard_repository(&self) -> Result<&'static str, StepError> {
        let state = self.project().await?;
        if state.project.repository.is_some() {
            return Ok("ready");
        }
        let (repository, _): (Repository, _) = self.load(AggregateKind::Repository).await?;
        let initial = repository.created.as_ref().map(|created| created.link.initial_commit_id.as_str());
        let tenant = self.saga.tenant_id.as_str();
        let name = state.facts().slug;
        let discarded = self.task.repositories.discard(tenant, &self.saga.project_id, &name, initial).await?;
        let outcome = match discarded {
            Discarded::Removed => "removed",
            Discarded::Absent => "absent",
            Discarded::KeptTouched => return Ok("kept"),
        };
        let command = DeleteRepository {
            project_id: self.saga.project_id.clone(),
            reason: "the creation of its project failed".to_owned(),
        };
        self.send("repository", "DeleteRepository", command).await?;
        Ok(outcome)
    }

    /// Records the failure and gives the project's name back.
    pub async fn fail_project(&self, failure: &Failure) -> Result<(), StepError> {
        self.forget_bundle().await?;
        if self.project().await?.project.status == ProjectStatus::Failed {
            // An earlier run of this step got this far; by now there is less to tell than it told.
            return Ok(());
        }
        let cause = failure.cause.as_deref().unwrap_or_default();
        let message = match serde_json::from_str::<ErrorObject>(cause) {
            Ok(object) => object.error_message,
            Err(_) => cause.to_owned(),
        };
        let command = FailProjectCreation {
            project_id: self.saga.project_id.clone(),
            attempt: self.saga.attempt,
            failed_step: failure.step.clone(),
            error: FailureInput {
                code: failure.error.clone(),
                message: message.chars().take(MAX_MESSAGE).collect(),
            },
            compensations: self.undone().await?,
        };
        self.send("project", "FailProjectCreation", command).await
    }

    /// What there was to undo and is undone, in the order it was.
    async fn undone(&self) -> Result<Vec<String>, StepError> {
        let (repository, _): (Repository, _) = self.load(AggregateKind::Repository).await?;
        let rendered = self.project().await?.project.bundle_sha256.is_some();
        let steps = [("DiscardRepository", repository.deleted), ("DiscardRendering", rendered)];
        Ok(steps.into_iter().filter(|(_, done)| *done).map(|(step, _)| step.to_owned()).collect())
    }
}
