use serde::{Deserialize, Serialize};
use skafu_domain::project::RepositoryInput;
use skafu_events::Tenant;
use uuid::Uuid;

/// What an execution is started with. Names and ids only: whatever is large stays where it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SagaInput {
    /// The project's tenant.
    pub tenant_id: Tenant,
    /// The project.
    pub project_id: String,
    /// Follows the request through everything it touches.
    pub correlation_id: Uuid,
    /// From 1.
    pub attempt: u32,
    /// Why the execution has nothing to make, but only to undo; none if it makes the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
}

/// What calls for an attempt to be undone by an execution of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Undo {
    /// `stopped`, `deleted`, or `asked-<round>`: each is done once per attempt.
    pub cause: String,
    /// What the project is told, unless it knows of a failure of the attempt.
    pub failure: Failure,
}

impl SagaInput {
    /// The execution's name, at most 80 characters: starting it twice is starting it once.
    pub fn execution_name(&self) -> String {
        let forward = format!("prj-{}-{}", self.project_id, self.attempt);
        match &self.undo {
            Some(undo) => format!("{forward}-undo-{}", undo.cause),
            None => forward,
        }
    }

    /// What tells a step's command from those of the same step in other executions of the attempt.
    pub(super) fn step_name(&self, step: &str) -> String {
        match &self.undo {
            Some(undo) => format!("{step}/{}", undo.cause),
            None => step.to_owned(),
        }
    }
}

/// One step, as the state machine asks for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "step")]
#[expect(missing_docs, reason = "the steps are the states of the machine; their fields are earlier outputs")]
pub enum StepInput {
    BeginProvisioning { saga: SagaInput },
    SelectTemplate { saga: SagaInput },
    RequestAIAnalysis { saga: SagaInput },
    RenderTemplate { saga: SagaInput },
    CreateRepository { saga: SagaInput, rendering: Rendering },
    ConfigureRepository { saga: SagaInput, repository: RepositoryOutput },
    ConfigureProject { saga: SagaInput, repository: RepositoryOutput },
    Complete { saga: SagaInput },
    FailProject { saga: SagaInput, failure: Failure },
    DiscardRepository { saga: SagaInput },
    DiscardRendering { saga: SagaInput },
    CompensateProject { saga: SagaInput },
    ReportStuck { saga: SagaInput, failure: Failure },
}

/// What `BeginProvisioning` settled.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Whether an analysis is asked for.
    pub analysis: Analysis,
    /// Whether the attempt fails without one.
    pub analysis_required: bool,
}

/// Whether a project's architecture is analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Analysis {
    /// Yes.
    Request,
    /// No.
    Skip,
}

/// What became of a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttemptOutcome {
    /// It had succeeded after all.
    Ready,
    /// What it made stays for the next one.
    Kept,
    /// The project is at another attempt.
    Superseded,
    /// It is closed, and to be undone.
    Undo,
}

/// What `CreateRepository` came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RepositoryAnswer {
    /// It is made.
    Made(RepositoryOutput),
    /// The provider wants to be left alone for a while.
    #[serde(rename_all = "camelCase")]
    Later {
        /// From 1.
        retry_after_seconds: u64,
    },
}

/// What `SelectTemplate` settled.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Selection {
    /// The tenant the template was found in.
    pub template_tenant: Tenant,
    /// What is rendered.
    pub template_revision: String,
}

/// What `RenderTemplate` made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rendering {
    /// Where the bundle is kept until the repository exists.
    pub bundle_key: String,
    /// SHA-256 (hex) of the bundle.
    pub bundle_sha256: String,
    /// How many files it holds.
    pub file_count: u32,
}

/// What `CreateRepository` made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepositoryOutput {
    /// Where it is.
    #[serde(flatten)]
    pub repository: RepositoryInput,
    /// How many files its initial commit holds.
    pub file_count: u32,
}

/// Which state failed, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// The state.
    pub step: String,
    /// The error's name.
    pub error: String,
    /// What the failing task said of it; for Lambda, the JSON of its error object.
    #[serde(default)]
    pub cause: Option<String>,
}

/// Why a step failed, told apart by what the state machine can do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// Trying again may help.
    #[error("{0}")]
    Retryable(String),
    /// Trying again will not help: undo what was done.
    #[error("{0}")]
    Rejected(String),
}

impl StepError {
    /// The name a state machine's `Retry` matches.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Retryable(_) => "Retryable",
            Self::Rejected(_) => "Rejected",
        }
    }
}

impl From<StepError> for lambda_runtime::Diagnostic {
    fn from(error: StepError) -> Self {
        Self { error_type: error.error_type().to_owned(), error_message: error.to_string() }
    }
}
