use std::collections::BTreeMap;

use async_graphql::{Context, Enum, ID, InputObject, Json, Object, Result};
use serde::Serialize;
use serde_json::{Map, Value};
use skafu_events::AggregateKind;

use super::envelope::{ConflictStrategy, Envelope};
use super::payload::{
    ArchiveProjectPayload, CreateProjectPayload, DeleteProjectPayload, ResolveProjectCreationPayload,
    RestoreProjectPayload, RetryCompensationPayload, RetryProjectCreationPayload, UpdateProjectPayload,
};
use super::send::{Sent, send};

/// What becomes of an attempt that fails.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Serialize)]
#[graphql(rename_items = "camelCase")]
#[serde(rename_all = "camelCase")]
enum OnFailure {
    /// What it made is undone.
    Compensate,
    /// What it made is kept for `retryProjectCreation`.
    KeepForRetry,
}

/// Whether a project's architecture is analysed.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Serialize)]
#[graphql(rename_items = "camelCase")]
#[serde(rename_all = "camelCase")]
enum AiAnalysis {
    /// If there is somebody to ask; the project is made without it, too.
    Auto,
    /// It is not.
    Skip,
    /// The attempt fails without it.
    Required,
}

/// What a generated project is to run on.
#[derive(InputObject, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProjectConfigurationInput {
    /// A Lambda runtime, such as `python3.12`.
    #[serde(skip_serializing_if = "Option::is_none")]
    runtime: Option<String>,
    /// An AWS region, such as `eu-west-1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    /// All wanted features, each once.
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<Vec<String>>,
    /// At most 50 environment variables of the generated project, as an object of texts. Never secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<Json<BTreeMap<String, String>>>,
}

/// How a project is made.
#[derive(InputObject, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProjectOptionsInput {
    /// What becomes of an attempt that fails: `compensate` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    on_failure: Option<OnFailure>,
    /// Whether its architecture is analysed: `auto` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    ai_analysis: Option<AiAnalysis>,
}

/// Asks for a project.
#[derive(InputObject, Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateProjectInput {
    /// Letters, digits, spaces, `_` and `-`; unique in the tenant, ignoring case.
    name: String,
    /// A sentence or two.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// A published template of the tenant or of the built-in catalogue.
    template_id: String,
    /// Values of the template's parameters, as an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    template_parameters: Option<Json<Map<String, Value>>>,
    /// What it is to run on.
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<ProjectConfigurationInput>,
    /// How it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<ProjectOptionsInput>,
    #[graphql(flatten)]
    #[serde(skip)]
    envelope: Envelope,
}

/// Changes what a project says about itself; what is left out or null stays as it is.
#[derive(InputObject, Serialize)]
#[serde(rename_all = "camelCase")]
struct UpdateProjectInput {
    /// The project.
    project_id: ID,
    /// The new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The new description.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// New values of the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<ProjectConfigurationInput>,
    /// What to do if the project has moved on: `reject` if left out.
    #[serde(skip)]
    conflict_strategy: Option<ConflictStrategy>,
    #[graphql(flatten)]
    #[serde(skip)]
    envelope: Envelope,
}

/// Names a project, and may say why.
#[derive(InputObject, Serialize)]
#[serde(rename_all = "camelCase")]
struct ArchiveProjectInput {
    /// The project.
    project_id: ID,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[graphql(flatten)]
    #[serde(skip)]
    envelope: Envelope,
}

/// Names an archived project, and may say why.
#[derive(InputObject, Serialize)]
#[serde(rename_all = "camelCase")]
struct RestoreProjectInput {
    /// The project.
    project_id: ID,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[graphql(flatten)]
    #[serde(skip)]
    envelope: Envelope,
}

/// Names a project, and says why it goes.
#[derive(InputObject, Serialize)]
#[serde(rename_all = "camelCase")]
struct DeleteProjectInput {
    /// The project.
    project_id: ID,
    /// Why.
    reason: String,
    #[graphql(flatten)]
    #[serde(skip)]
    envelope: Envelope,
}

/// Names a project whose creation failed and was kept.
#[derive(InputObject, Serialize)]
#[serde(rename_all = "camelCase")]
struct RetryProjectCreationInput {
    /// The project.
    project_id: ID,
    #[graphql(flatten)]
    #[serde(skip)]
    envelope: Envelope,
}

/// Names a project whose creation is stuck.
#[derive(InputObject, Serialize)]
#[serde(rename_all = "camelCase")]
struct RetryCompensationInput {
    /// The project.
    project_id: ID,
    #[graphql(flatten)]
    #[serde(skip)]
    envelope: Envelope,
}

/// Names a project whose creation was stuck, and says what was done.
#[derive(InputObject, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResolveProjectCreationInput {
    /// The project.
    project_id: ID,
    /// What was done.
    note: String,
    #[graphql(flatten)]
    #[serde(skip)]
    envelope: Envelope,
}

#[derive(Default)]
pub(crate) struct ProjectMutations;

fn sent<D>(command: &'static str, envelope: Envelope, data: D) -> Sent<D> {
    Sent { kind: AggregateKind::Project, command, envelope, conflict_strategy: None, data }
}

#[Object]
impl ProjectMutations {
    /// Asks for a project; a saga makes it. `operation` tells how far it is.
    async fn create_project(
        &self,
        context: &Context<'_>,
        mut input: CreateProjectInput,
    ) -> Result<Option<CreateProjectPayload>> {
        let envelope = std::mem::take(&mut input.envelope);
        send(context, sent("CreateProject", envelope, input)).await
    }

    /// Changes a project's name, description or configuration.
    async fn update_project(
        &self,
        context: &Context<'_>,
        mut input: UpdateProjectInput,
    ) -> Result<Option<UpdateProjectPayload>> {
        let envelope = std::mem::take(&mut input.envelope);
        let conflict_strategy = input.conflict_strategy;
        send(context, Sent { conflict_strategy, ..sent("UpdateProject", envelope, input) }).await
    }

    /// Puts a ready project away.
    async fn archive_project(
        &self,
        context: &Context<'_>,
        mut input: ArchiveProjectInput,
    ) -> Result<Option<ArchiveProjectPayload>> {
        let envelope = std::mem::take(&mut input.envelope);
        send(context, sent("ArchiveProject", envelope, input)).await
    }

    /// Takes an archived project out again.
    async fn restore_project(
        &self,
        context: &Context<'_>,
        mut input: RestoreProjectInput,
    ) -> Result<Option<RestoreProjectPayload>> {
        let envelope = std::mem::take(&mut input.envelope);
        send(context, sent("RestoreProject", envelope, input)).await
    }

    /// Deletes a project. Its name is free again; its history stays, and so does the repository of a project
    /// that was ready.
    async fn delete_project(
        &self,
        context: &Context<'_>,
        mut input: DeleteProjectInput,
    ) -> Result<Option<DeleteProjectPayload>> {
        let envelope = std::mem::take(&mut input.envelope);
        send(context, sent("DeleteProject", envelope, input)).await
    }

    /// Asks for another attempt at a creation that failed and was kept. It goes on where that one ended.
    async fn retry_project_creation(
        &self,
        context: &Context<'_>,
        mut input: RetryProjectCreationInput,
    ) -> Result<Option<RetryProjectCreationPayload>> {
        let envelope = std::mem::take(&mut input.envelope);
        send(context, sent("RetryProjectCreation", envelope, input)).await
    }

    /// Has what an attempt made undone once more, or gives up on an attempt that nobody carries on.
    async fn retry_compensation(
        &self,
        context: &Context<'_>,
        mut input: RetryCompensationInput,
    ) -> Result<Option<RetryCompensationPayload>> {
        let envelope = std::mem::take(&mut input.envelope);
        send(context, sent("RetryCompensation", envelope, input)).await
    }

    /// Says that a stuck creation was seen to by hand. The project's name is free again.
    async fn resolve_project_creation(
        &self,
        context: &Context<'_>,
        mut input: ResolveProjectCreationInput,
    ) -> Result<Option<ResolveProjectCreationPayload>> {
        let envelope = std::mem::take(&mut input.envelope);
        send(context, sent("ResolveProjectCreation", envelope, input)).await
    }
}
