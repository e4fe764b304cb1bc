use std::sync::Arc;

use serde_json::{Value, json};
use skafu_forge::blobs::BlobStore;
use skafu_forge::repositories::RepositoryProvider;
use skafu_store::EventStore;

use super::context::Context;
use super::{StepError, StepInput};
use crate::gateway::CommandGateway;
use crate::rendering::Renderers;

/// Does the steps of a project's creation. Every step runs twice safely.
pub struct SagaTask {
    pub(super) store: Arc<dyn EventStore>,
    pub(super) blobs: Arc<dyn BlobStore>,
    pub(super) repositories: Arc<dyn RepositoryProvider>,
    pub(super) gateway: Arc<dyn CommandGateway>,
    pub(super) renderers: Renderers,
}

impl SagaTask {
    /// A handler with everything its steps need. Templates of tenants are rendered by `renderers`.
    pub fn new(
        store: Arc<dyn EventStore>,
        blobs: Arc<dyn BlobStore>,
        repositories: Arc<dyn RepositoryProvider>,
        gateway: Arc<dyn CommandGateway>,
        renderers: Renderers,
    ) -> Self {
        Self { store, blobs, repositories, gateway, renderers }
    }

    /// Does one step and returns its output.
    pub async fn handle(&self, event: Value) -> Result<Value, StepError> {
        let input: StepInput = serde_json::from_value(event)
            .map_err(|error| StepError::Rejected(format!("the step's input cannot be read: {error}")))?;
        let output = match input {
            StepInput::SelectTemplate { saga } => {
                to_json(self.at(&saga, "SelectTemplate").select_template().await?)
            }
            StepInput::RenderTemplate { saga } => {
                to_json(self.at(&saga, "RenderTemplate").render_template().await?)
            }
            StepInput::CreateRepository { saga, rendering } => {
                to_json(self.at(&saga, "CreateRepository").create_repository(&rendering).await?)
            }
            StepInput::ConfigureProject { saga, repository } => {
                self.at(&saga, "ConfigureProject").configure_project(repository).await?;
                Ok(json!({ "projectId": saga.project_id }))
            }
            StepInput::Complete { saga } => {
                self.at(&saga, "Complete").forget_bundle().await?;
                Ok(json!({ "projectId": saga.project_id }))
            }
            StepInput::DiscardRepository { saga } => {
                let discarded = self.at(&saga, "DiscardRepository").discard_repository().await?;
                Ok(json!({ "discarded": discarded }))
            }
            StepInput::FailProject { saga, failure } => {
                self.at(&saga, "FailProject").fail_project(&failure).await?;
                Ok(json!({ "projectId": saga.project_id }))
            }
        };
        output.map_err(|error| StepError::Rejected(format!("the step's output cannot be written: {error}")))
    }

    fn at<'a>(&'a self, saga: &'a super::SagaInput, step: &'static str) -> Context<'a> {
        Context { task: self, saga, step }
    }
}

fn to_json(output: impl serde::Serialize) -> Result<Value, serde_json::Error> {
    serde_json::to_value(output)
}
