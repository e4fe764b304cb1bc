use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use skafu_events::template::Parameter;

use super::SandboxError;
use crate::source::SourceFile;
use crate::template::{Descriptor, Finding, Layout, ProjectFacts, RenderError, Template};

/// What [`crate::template::inspect`] finds out about a sound template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// How its files are laid out.
    pub layout: Layout,
    /// What it says about itself.
    pub descriptor: Descriptor,
    /// What it asks, in its own order.
    pub parameters: Vec<Parameter>,
    /// What its author should know.
    pub notes: Vec<String>,
    /// What its author should look at; none of it stands in the way.
    pub warnings: Vec<Finding>,
    /// How many files and directories a rendering makes at most.
    pub files: usize,
}

impl From<Template> for Inspection {
    fn from(template: Template) -> Self {
        let files = template.size();
        Self {
            layout: template.layout,
            descriptor: template.descriptor,
            parameters: template.parameters,
            notes: template.notes,
            warnings: template.warnings,
            files,
        }
    }
}

/// Why a template was not inspected, resolved or rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderFailure {
    /// The template or the values are wrong. The same again fails again.
    #[error("the template or its parameters have {} mistakes", .0.iter().filter(|it| it.is_error()).count())]
    Findings(Vec<Finding>),
    /// The rendering ended early. The same again fails again.
    #[error("the template cannot be rendered")]
    Render(#[from] RenderError),
    /// The process it was to run in failed for another reason. Trying again may help.
    #[error("the process for rendering failed")]
    Unavailable(#[from] SandboxError),
}

/// Inspects and renders the files of templates.
#[async_trait]
pub trait Renderer: Send + Sync {
    /// As [`crate::template::inspect`].
    async fn inspect(&self, files: Vec<SourceFile>) -> Result<Inspection, RenderFailure>;

    /// As [`Template::resolve`], of an inspected template.
    async fn resolve(
        &self,
        files: Vec<SourceFile>,
        given: Map<String, Value>,
        project: ProjectFacts,
    ) -> Result<Map<String, Value>, RenderFailure>;

    /// As [`Template::render`], of an inspected template.
    async fn render(
        &self,
        files: Vec<SourceFile>,
        parameters: Map<String, Value>,
        project: ProjectFacts,
    ) -> Result<Vec<SourceFile>, RenderFailure>;
}
