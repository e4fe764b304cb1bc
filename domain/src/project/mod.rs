//! Projects: asked for by people, provisioned by the saga.

mod commands;
mod create;
mod manage;
mod progress;
mod provision;
mod runtime;
mod state;
mod undo;

pub use commands::{
    AiAnalysisInput, ArchiveProject, ConfigurationChanges, ConfigurationInput, CreateProject, DeleteProject,
    OnFailureInput, OptionsInput, ProjectCommand, RestoreProject, RetryProjectCreation, UpdateProject,
};
pub use create::PublishedTemplate;
pub use provision::{
    BeginProvisioning, CompensateProjectCreation, ConfigureProject, FailProjectCreation, FailureInput,
    RecordRendering, ReportStuckCreation, RepositoryInput, ResolveProjectCreation, RetryCompensation,
    SelectTemplate,
};
pub use runtime::{RUNTIMES, Runtime};
pub use skafu_events::project::ProjectStatus;
pub use state::Project;

#[cfg(test)]
mod manage_tests;
#[cfg(test)]
mod saga_tests;
#[cfg(test)]
mod tests;
