use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What may be asked of a template.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "command", content = "data")]
#[expect(missing_docs, reason = "each variant is documented at its type")]
pub enum TemplateCommand {
    CreateTemplate(CreateTemplate),
    UploadTemplateFiles(UploadTemplateFiles),
    PublishTemplate(PublishTemplate),
}

/// Begins a template.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateTemplate {
    /// Lower-case letters, digits and `-`; unique in the tenant.
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[a-z0-9][a-z0-9-]*$"))]
    pub template_id: String,
    /// For people.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// What it is for: `project` unless said otherwise.
    #[serde(rename = "type", default)]
    #[schemars(extend("enum" = ["project", "service", "component", "config", "infrastructure", null]))]
    pub template_type: Option<String>,
    /// A sentence or two.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub description: Option<String>,
}

/// Adds or replaces files of a template.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UploadTemplateFiles {
    /// The template.
    pub template_id: String,
    /// Whether the files named here are all there is: every other is dropped.
    #[serde(default)]
    pub replace: bool,
    /// At most 500 files.
    #[schemars(length(min = 1, max = 500))]
    pub files: Vec<FileInput>,
}

/// One file. Exactly one of `text`, `base64` and `symlink` says what it holds.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileInput {
    /// Relative, with `/` between its parts; may hold expressions.
    #[schemars(length(min = 1, max = 1000))]
    pub path: String,
    /// The content, where it is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The content in base64, where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// The target, where the file is a symbolic link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symlink: Option<String>,
    /// Whether it may be run.
    #[serde(default)]
    pub executable: bool,
}

/// Checks a template's files and makes them a revision that projects can use.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PublishTemplate {
    /// The template.
    pub template_id: String,
}
