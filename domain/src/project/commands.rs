use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::provision::{
    BeginProvisioning, CompensateProjectCreation, ConfigureProject, FailProjectCreation, RecordRendering,
    ReportStuckCreation, ResolveProjectCreation, RetryCompensation, SelectTemplate,
};

/// What may be asked of a project.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "command", content = "data")]
#[expect(missing_docs, reason = "each variant is documented at its type")]
pub enum ProjectCommand {
    CreateProject(CreateProject),
    RetryProjectCreation(RetryProjectCreation),
    UpdateProject(UpdateProject),
    ArchiveProject(ArchiveProject),
    RestoreProject(RestoreProject),
    DeleteProject(DeleteProject),
    BeginProvisioning(BeginProvisioning),
    SelectTemplate(SelectTemplate),
    RecordRendering(RecordRendering),
    ConfigureProject(ConfigureProject),
    FailProjectCreation(FailProjectCreation),
    CompensateProjectCreation(CompensateProjectCreation),
    ReportStuckCreation(ReportStuckCreation),
    RetryCompensation(RetryCompensation),
    ResolveProjectCreation(ResolveProjectCreation),
}

/// Asks for a project. The saga makes it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateProject {
    /// Letters, digits, spaces, `_` and `-`; unique in the tenant, ignoring case.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9 _-]+$"))]
    pub name: String,
    /// A sentence or two.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub description: Option<String>,
    /// A published template of the tenant or of the built-in catalogue.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[a-z0-9][a-z0-9-]*$"))]
    pub template_id: String,
    /// Values of the template's parameters, by name.
    #[serde(default)]
    pub template_parameters: Map<String, Value>,
    /// What it is to run on.
    #[serde(default)]
    pub configuration: ConfigurationInput,
    /// How it is made.
    #[serde(default)]
    pub options: OptionsInput,
}

/// How a project is made.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OptionsInput {
    /// What becomes of an attempt that fails: it is undone, or kept for `RetryProjectCreation`.
    #[serde(default)]
    pub on_failure: OnFailureInput,
    /// Whether its architecture is analysed; if that is required, the attempt fails without it.
    #[serde(default)]
    pub ai_analysis: AiAnalysisInput,
}

/// What becomes of an attempt that fails.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the choices are those of the event")]
pub enum OnFailureInput {
    #[default]
    Compensate,
    KeepForRetry,
}

/// Whether a project's architecture is analysed.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the choices are those of the event")]
pub enum AiAnalysisInput {
    #[default]
    Auto,
    Skip,
    Required,
}

/// Asks for another attempt at a creation that failed and was kept. It goes on where that one ended.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetryProjectCreation {
    /// The project.
    pub project_id: String,
}

/// What the generated project is to run on.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigurationInput {
    /// A Lambda runtime, such as `python3.12`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 40))]
    pub runtime: Option<String>,
    /// An AWS region, such as `eu-west-1`.
    #[serde(default)]
    #[schemars(length(max = 40), regex(pattern = r"^[a-z]{2}(-gov)?-[a-z]+-[0-9]$"))]
    pub region: Option<String>,
    /// Wanted features, each once.
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(min = 1, max = 40), regex(pattern = r"^[a-z][a-z0-9-]*$")))]
    pub features: Vec<String>,
    /// At most 50 environment variables of the generated project. Never secrets.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 50, "propertyNames" = {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}))]
    pub environment: BTreeMap<String, String>,
}

/// Changes what a project says about itself; what is left out stays as it is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateProject {
    /// The project.
    pub project_id: String,
    /// The new name.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9 _-]+$"))]
    pub name: Option<String>,
    /// The new description.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub description: Option<String>,
    /// New values of the configuration.
    #[serde(default)]
    pub configuration: ConfigurationChanges,
}

/// New values of a project's configuration; what is left out stays as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigurationChanges {
    /// A Lambda runtime.
    #[serde(default)]
    #[schemars(length(min = 1, max = 40))]
    pub runtime: Option<String>,
    /// An AWS region.
    #[serde(default)]
    #[schemars(length(max = 40), regex(pattern = r"^[a-z]{2}(-gov)?-[a-z]+-[0-9]$"))]
    pub region: Option<String>,
    /// All wanted features, each once.
    #[serde(default)]
    #[schemars(extend(
        "maxItems" = 20,
        "items" = {"type": "string", "minLength": 1, "maxLength": 40, "pattern": "^[a-z][a-z0-9-]*$"}
    ))]
    pub features: Option<Vec<String>>,
    /// All environment variables, at most 50. Never secrets.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 50, "propertyNames" = {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}))]
    pub environment: Option<BTreeMap<String, String>>,
}

/// Puts a ready project away.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArchiveProject {
    /// The project.
    pub project_id: String,
    /// Why.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub reason: Option<String>,
}

/// Takes an archived project out again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RestoreProject {
    /// The project.
    pub project_id: String,
    /// Why.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub reason: Option<String>,
}

/// Deletes a project for whoever asks. Its name is free again. The history stays, and so does the repository of a
/// project that was ready; what a creation has made so far is undone.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeleteProject {
    /// The project.
    pub project_id: String,
    /// Why.
    #[schemars(length(min = 1, max = 200))]
    pub reason: String,
}
