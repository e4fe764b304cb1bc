//! What happens to a template.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{AggregateKind, DomainEvent};

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

/// The type of a parameter's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParameterType {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A list.
    Array,
    /// Names with values.
    Object,
    /// One of `choices`.
    Choice,
}

impl ParameterType {
    /// Whether a value is of the type. Which values a choice has, its parameter says.
    pub fn admits(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
            Self::Choice => true,
        }
    }

    /// The type's name, as templates write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Array => "array",
            Self::Object => "object",
            Self::Choice => "choice",
        }
    }
}

/// What a template asks of whoever uses it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameter {
    /// `[A-Za-z_][A-Za-z0-9_]*`.
    pub name: String,
    /// The type of its value.
    #[serde(rename = "type")]
    pub parameter_type: ParameterType,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether a value must be given. A parameter with a default never needs one.
    #[serde(default)]
    pub required: bool,
    /// Its value when none is given; a text may be a template expression over earlier parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// The values to choose from; the first is the default if there is no other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Value>,
    /// A regular expression the whole text must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
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
