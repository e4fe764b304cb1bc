//! Projects: asked for by people, provisioned by the saga.

mod commands;
mod create;
mod decide;
mod runtime;
mod state;

pub use commands::{
    ConfigurationInput, ConfigureProject, CreateProject, FailProjectCreation, FailureInput, ProjectCommand,
    RecordRendering, RepositoryInput, SelectTemplate,
};
pub use create::PublishedTemplate;
pub use runtime::{RUNTIMES, Runtime};
pub use skafu_events::project::ProjectStatus;
pub use state::Project;

#[cfg(test)]
mod tests;
