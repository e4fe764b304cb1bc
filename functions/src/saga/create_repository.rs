use skafu_domain::project::{ConfigureProject, RepositoryInput};
use skafu_domain::repository::CreateRepository;
use skafu_forge::bundle;
use skafu_forge::repositories::{NewRepository, ProviderError};

use super::context::Context;
use super::{Rendering, RepositoryOutput, StepError};
use crate::template_files::sha256;

impl Context<'_> {
    /// Makes the repository with its one initial commit, then records it.
    pub async fn create_repository(&self, rendering: &Rendering) -> Result<RepositoryOutput, StepError> {
        let state = self.project().await?;
        let packed = self.task.blobs.get(&rendering.bundle_key).await?;
        let packed = packed.ok_or_else(|| StepError::Rejected("the rendered bundle is gone".to_owned()))?;
        if sha256(&packed) != rendering.bundle_sha256 {
            return Err(StepError::Rejected("the rendered bundle is damaged".to_owned()));
        }
        let files = bundle::unpack(&packed).map_err(|error| StepError::Rejected(error.to_string()))?;
        let facts = state.facts();
        let wanted = NewRepository {
            tenant: self.saga.tenant_id.as_str(),
            project_id: &self.saga.project_id,
            name: &facts.slug,
            files: &files,
            committed_at_unix_seconds: state.created_at.unix_seconds(),
            message: "Initial commit",
        };
        let made = self.task.repositories.create(&wanted).await?;
        let output = RepositoryOutput {
            repository: RepositoryInput {
                repository_id: self.saga.project_id.clone(),
                name: facts.slug.clone(),
                location: made.location,
                default_branch: made.default_branch,
                initial_commit_id: made.initial_commit_id,
            },
            file_count: made.file_count,
        };
        let command = CreateRepository {
            project_id: self.saga.project_id.clone(),
            repository: output.repository.clone(),
            file_count: output.file_count,
        };
        self.send("repository", "CreateRepository", command).await?;
        Ok(output)
    }

    /// Records that everything is in place: the project is ready.
    pub async fn configure_project(&self, made: RepositoryOutput) -> Result<(), StepError> {
        let project_id = self.saga.project_id.clone();
        let command = ConfigureProject { project_id, repository: made.repository };
        self.send("project", "ConfigureProject", command).await
    }
}

impl From<ProviderError> for StepError {
    fn from(error: ProviderError) -> Self {
        if error.is_retryable() {
            Self::Retryable(error.to_string())
        } else {
            Self::Rejected(error.to_string())
        }
    }
}
