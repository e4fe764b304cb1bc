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
    pub(super) analysis_provider: Option<String>,
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
        Self { store, blobs, repositories, gateway, renderers, analysis_provider: None }
    }

    /// Has architectures analysed by that provider. Without one, an analysis is made only if it is required, and fails.
    pub fn analysing_with(mut self, provider: Option<String>) -> Self {
        self.analysis_provider = provider;
        self
    }

    /// Does one step and returns its output.
    pub async fn handle(&self, event: Value) -> Result<Value, StepError> {
        use StepInput as Step;
        let input: StepInput = serde_json::from_value(event)
            .map_err(|error| StepError::Rejected(format!("the step's input cannot be read: {error}")))?;
        match input {
            Step::BeginProvisioning { saga } => {
                written(self.at(&saga, "BeginProvisioning").begin_provisioning().await?)
            }
            Step::SelectTemplate { saga } => {
                written(self.at(&saga, "SelectTemplate").select_template().await?)
            }
            Step::RequestAIAnalysis { saga } => Err(self.at(&saga, "RequestAIAnalysis").request_analysis()),
            Step::RenderTemplate { saga } => {
                written(self.at(&saga, "RenderTemplate").render_template().await?)
            }
            Step::CreateRepository { saga, rendering } => {
                written(self.at(&saga, "CreateRepository").create_repository(&rendering).await?)
            }
            Step::ConfigureRepository { saga, repository } => {
                let skipped = self.at(&saga, "ConfigureRepository").configure_repository(&repository).await?;
                written(json!({ "skipped": skipped }))
            }
            Step::ConfigureProject { saga, repository } => {
                self.at(&saga, "ConfigureProject").configure_project(repository).await?;
                written(json!({ "projectId": saga.project_id }))
            }
            Step::Complete { saga } => {
                self.at(&saga, "Complete").forget_bundles().await?;
                written(json!({ "projectId": saga.project_id }))
            }
            Step::FailProject { saga, failure } => {
                let outcome = self.at(&saga, "FailProject").fail_project(&failure).await?;
                written(json!({ "outcome": outcome }))
            }
            Step::DiscardRepository { saga } => {
                let discarded = self.at(&saga, "DiscardRepository").discard_repository().await?;
                written(json!({ "discarded": discarded }))
            }
            Step::DiscardRendering { saga } => {
                self.at(&saga, "DiscardRendering").discard_rendering().await?;
                written(json!({ "projectId": saga.project_id }))
            }
            Step::CompensateProject { saga } => {
                self.at(&saga, "CompensateProject").compensate_project().await?;
                written(json!({ "projectId": saga.project_id }))
            }
            Step::ReportStuck { saga, failure } => {
                self.at(&saga, "ReportStuck").report_stuck(&failure).await?;
                written(json!({ "projectId": saga.project_id }))
            }
        }
    }

    fn at<'a>(&'a self, saga: &'a super::SagaInput, step: &'static str) -> Context<'a> {
        Context { task: self, saga, step }
    }
}

fn written(output: impl serde::Serialize) -> Result<Value, StepError> {
    serde_json::to_value(output)
        .map_err(|error| StepError::Rejected(format!("the step's output cannot be written: {error}")))
}
