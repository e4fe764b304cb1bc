use skafu_domain::project::CompensateProjectCreation;
use skafu_domain::repository::{DeleteRepository, Repository};
use skafu_events::AggregateKind;
use skafu_forge::repositories::Discarded;

use super::context::{Context, ProjectState};
use super::{AttemptOutcome, StepError};

/// The undoing, in the order it is done. Each step finds what it undoes by a name that follows from the project alone:
/// an effect whose record was lost is undone, too.
impl Context<'_> {
    /// Removes the repository, unless somebody has touched it.
    pub async fn discard_repository(&self) -> Result<&'static str, StepError> {
        let state = self.closed().await?;
        if state.project.made_as.is_none() {
            // The attempt never began, so it made nothing.
            return Ok("absent");
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

    /// Removes what was rendered.
    pub async fn discard_rendering(&self) -> Result<(), StepError> {
        self.closed().await?;
        self.forget_bundles().await
    }

    /// Records that nothing is left, and gives the project's name back.
    pub async fn compensate_project(&self) -> Result<(), StepError> {
        let state = self.closed().await?;
        if state.project.undone {
            // An earlier run got this far; by now there is less to tell than it told.
            return Ok(());
        }
        let command = CompensateProjectCreation {
            project_id: self.saga.project_id.clone(),
            attempt: self.saga.attempt,
            compensations: self.undone(&state).await?,
        };
        self.send("project", "CompensateProjectCreation", command).await
    }

    /// The project, if its attempt is closed and to be undone. Nothing else may ever be removed.
    async fn closed(&self) -> Result<ProjectState, StepError> {
        let state = self.project().await?;
        match self.outcome(&state.project) {
            Some(AttemptOutcome::Undo) => Ok(state),
            _ => {
                Err(StepError::Rejected("this attempt to create the project is not to be undone".to_owned()))
            }
        }
    }

    /// What there was to undo, in the order it was; and what was left to whoever works in it.
    async fn undone(&self, state: &ProjectState) -> Result<Vec<String>, StepError> {
        let (repository, _): (Repository, _) = self.load(AggregateKind::Repository).await?;
        let steps = [
            ("DiscardRepository", repository.deleted),
            ("KeepTouchedRepository", repository.created.is_some() && !repository.deleted),
            ("DiscardRendering", state.project.bundle_sha256.is_some()),
        ];
        Ok(steps.into_iter().filter(|(_, done)| *done).map(|(step, _)| step.to_owned()).collect())
    }
}
