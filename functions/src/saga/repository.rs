use skafu_domain::project::{ConfigureProject, RepositoryInput};
use skafu_domain::repository::{ConfigureRepository, CreateRepository};
use skafu_forge::bundle;
use skafu_forge::repositories::{NewRepository, Policies, ProviderError};

use super::context::Context;
use super::{Rendering, RepositoryAnswer, RepositoryOutput, StepError};
use crate::template_files::sha256;

/// The longest a provider is waited for at a time.
const LONGEST_WAIT_SECONDS: u64 = 300;

impl Context<'_> {
    /// Makes the repository with its one initial commit, then records it.
    pub async fn create_repository(&self, rendering: &Rendering) -> Result<RepositoryAnswer, StepError> {
        let state = self.project().await?;
        state.must_be_under_way(self.saga.attempt)?;
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
        let made = match self.task.repositories.create(&wanted).await {
            Err(ProviderError::RateLimited { retry_after }) => {
                let retry_after_seconds = retry_after.as_secs().clamp(1, LONGEST_WAIT_SECONDS);
                return Ok(RepositoryAnswer::Later { retry_after_seconds });
            }
            made => made?,
        };
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
        Ok(RepositoryAnswer::Made(output))
    }

    /// Tells the provider how the repository is to be used, and records what it made of that.
    pub async fn configure_repository(&self, made: &RepositoryOutput) -> Result<Vec<String>, StepError> {
        let state = self.project().await?;
        state.must_be_under_way(self.saga.attempt)?;
        let policies =
            Policies { description: state.created.description.as_deref(), protect_default_branch: true };
        let (tenant, name) = (self.saga.tenant_id.as_str(), &made.repository.name);
        let configured =
            self.task.repositories.configure(tenant, &self.saga.project_id, name, policies).await?;
        let named = |policies: Vec<&str>| policies.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let skipped = named(configured.skipped);
        let command = ConfigureRepository {
            project_id: self.saga.project_id.clone(),
            applied: named(configured.applied),
            skipped: skipped.clone(),
        };
        self.send("repository", "ConfigureRepository", command).await?;
        Ok(skipped)
    }

    /// Records that everything is in place: the project is ready.
    pub async fn configure_project(&self, made: RepositoryOutput) -> Result<(), StepError> {
        let (project_id, attempt) = (self.saga.project_id.clone(), self.saga.attempt);
        let command = ConfigureProject { project_id, attempt, repository: made.repository };
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
