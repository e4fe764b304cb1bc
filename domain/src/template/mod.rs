//! Templates: uploaded by people, checked, and published as revisions that projects pin.

mod commands;
mod parameters;
mod state;

pub use commands::{CreateTemplate, FileInput, PublishTemplate, TemplateCommand, UploadTemplateFiles};
pub use parameters::check_parameters;
pub use state::{Inspected, MAX_FILES, Template, TemplateFacts, revision};

#[cfg(test)]
mod tests;
