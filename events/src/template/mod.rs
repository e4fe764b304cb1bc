//! What happens to a template.

mod format;
mod parameter;
mod rules;

use serde::{Deserialize, Serialize};

use crate::{AggregateKind, DomainEvent};

pub use format::Format;
pub use parameter::{Conditional, Parameter, ParameterType, in_order};
pub use rules::BrokenRule;

/// Every event of a template's stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "eventType", content = "data")]
pub enum TemplateEvent {
    /// Somebody began a template.
    TemplateCreated(TemplateCreated),
    /// Files were added to it or replaced.
    TemplateUploaded(TemplateUploaded),
    /// Its files passed every check and became a revision.
    TemplatePublished(TemplatePublished),
}

impl DomainEvent for TemplateEvent {
    const KIND: AggregateKind = AggregateKind::Template;
}

/// What a template is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TemplateType {
    /// A whole project with its repository.
    #[default]
    Project,
    /// One service inside a project.
    Service,
    /// A part of a service.
    Component,
    /// Configuration files.
    Config,
    /// Infrastructure.
    Infrastructure,
}

/// Somebody began a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateCreated {
    /// For people.
    pub name: String,
    /// What it is for.
    #[serde(rename = "type")]
    pub template_type: TemplateType,
    /// A sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The `sub` of the person who may change it.
    pub owner_id: String,
}

/// How a template's file stands in the repository.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileMode {
    /// A file.
    #[default]
    Regular,
    /// A file that may be run.
    Executable,
    /// A symbolic link; the content is its target.
    Symlink,
}

/// One file of a template: its content is kept by its hash, outside the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateFile {
    /// Relative, with `/` between its parts; may hold expressions.
    pub path: String,
    /// SHA-256 (hex) of the content.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// How it stands in the repository.
    #[serde(default)]
    pub mode: FileMode,
}

/// Files were added or replaced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateUploaded {
    /// Whether these files are all there is, instead of an addition.
    pub replace: bool,
    /// The files.
    pub files: Vec<TemplateFile>,
}

/// The template's files passed every check and became a revision that projects can pin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplatePublished {
    /// SHA-256 (hex) of the manifest: paths, modes and content hashes, sorted.
    pub revision: String,
    /// What the revision asks of whoever uses it.
    pub parameters: Vec<Parameter>,
    /// How many files it has.
    pub file_count: u32,
}
