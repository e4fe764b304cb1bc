use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Begins an attempt. Sent by the saga.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the event")]
pub struct BeginProvisioning {
    pub project_id: String,
    #[schemars(range(min = 1))]
    pub attempt: u32,
}

/// Pins what an attempt renders. Sent by the saga.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the event")]
pub struct SelectTemplate {
    pub project_id: String,
    #[schemars(range(min = 1))]
    pub attempt: u32,
    pub template_tenant: String,
    pub template_revision: String,
    pub parameters: Map<String, Value>,
}

/// Records that the template was rendered. Sent by the saga.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the event")]
pub struct RecordRendering {
    pub project_id: String,
    #[schemars(range(min = 1))]
    pub attempt: u32,
    pub bundle_sha256: String,
    pub file_count: u32,
}

/// Records that everything is in place. Sent by the saga.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the event")]
pub struct ConfigureProject {
    pub project_id: String,
    #[schemars(range(min = 1))]
    pub attempt: u32,
    pub repository: RepositoryInput,
}

/// Where the repository is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the event")]
pub struct RepositoryInput {
    pub repository_id: String,
    pub name: String,
    pub location: String,
    pub default_branch: String,
    pub initial_commit_id: String,
}

/// Ends an attempt that failed: from now on it can change nothing. Sent by the saga.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the events")]
pub struct FailProjectCreation {
    pub project_id: String,
    #[schemars(range(min = 1))]
    pub attempt: u32,
    pub failed_step: String,
    pub error: FailureInput,
}

/// Records that the effects of a failed attempt were undone. Sent by the saga.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the event")]
pub struct CompensateProjectCreation {
    pub project_id: String,
    #[schemars(range(min = 1))]
    pub attempt: u32,
    pub compensations: Vec<String>,
}

/// Records that the undoing failed as well. Sent by the saga.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the event")]
pub struct ReportStuckCreation {
    pub project_id: String,
    #[schemars(range(min = 1))]
    pub attempt: u32,
    pub failed_step: String,
    pub error: FailureInput,
}

/// Has what an attempt made undone once more, or gives up on an attempt that nobody carries on.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetryCompensation {
    /// The project.
    pub project_id: String,
}

/// Says that a stuck creation was seen to by hand. The project's name is free again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResolveProjectCreation {
    /// The project.
    pub project_id: String,
    /// What was done.
    #[schemars(length(min = 1, max = 200))]
    pub note: String,
}

/// Why a step failed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the event")]
pub struct FailureInput {
    pub code: String,
    pub message: String,
}
