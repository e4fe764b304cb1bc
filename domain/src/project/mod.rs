//! Projects: asked for by people, provisioned by the saga.

mod commands;
mod create;
mod decide;
mod manage;
mod runtime;
mod state;

pub use commands::{
    ArchiveProject, ConfigurationChanges, ConfigurationInput, ConfigureProject, CreateProject, DeleteProject,
    FailProjectCreation, FailureInput, ProjectCommand, RecordRendering, RepositoryInput, RestoreProject,
    SelectTemplate, UpdateProject,
};
pub use create::PublishedTemplate;
pub use runtime::{RUNTIMES, Runtime};
pub use skafu_events::project::ProjectStatus;
pub use state::Project;

#[cfg(test)]
mod manage_tests;
#[cfg(test)]
mod tests;
