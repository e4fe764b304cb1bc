use async_trait::async_trait;
use skafu_domain::project::{Project, ProjectCommand, PublishedTemplate};
use skafu_domain::template::{Inspected, Template, TemplateCommand, TemplateFacts, revision};
use skafu_domain::{Principal, Violation};
use skafu_events::template::TemplateFile;
use skafu_forge::blobs::BlobStore;
use skafu_forge::sandbox::RenderFailure;
use skafu_forge::template::Finding;
use skafu_store::{Chain, Consistency, EventStore};

use super::execute::FactSource;
use crate::rendering::Renderers;
use crate::template_files::{self, TemplateFilesError};
use crate::{Problem, templates};

/// What a project's decisions need: the template it names.
pub(super) struct ProjectFacts<'a> {
    pub store: &'a dyn EventStore,
    pub caller: &'a Principal,
}

#[async_trait]
impl FactSource<Project> for ProjectFacts<'_> {
    async fn gather(
        &self,
        _: &Project,
        command: &ProjectCommand,
        consistency: Consistency,
    ) -> Result<Option<PublishedTemplate>, Problem> {
        let ProjectCommand::CreateProject(command) = command else { return Ok(None) };
        let found =
            templates::find(self.store, self.caller.tenant(), &command.template_id, consistency).await?;
        Ok(found.map(|found| PublishedTemplate { parameters: found.published.parameters }))
    }
}

/// What a template's decisions need: where uploaded files are kept, and what is in them.
pub(super) struct TemplateFactSource<'a> {
    pub blobs: &'a dyn BlobStore,
    pub caller: &'a Principal,
    pub renderers: &'a Renderers,
}

#[async_trait]
impl FactSource<Template> for TemplateFactSource<'_> {
    async fn gather(
        &self,
        state: &Template,
        command: &TemplateCommand,
        _: Consistency,
    ) -> Result<TemplateFacts, Problem> {
        let tenant = self.caller.tenant();
        match command {
            TemplateCommand::CreateTemplate(_) => Ok(TemplateFacts::default()),
            TemplateCommand::UploadTemplateFiles(upload) => {
                let files = template_files::read_inputs(&upload.files).map_err(Problem::invalid)?;
                let stored = template_files::keep(self.blobs, tenant, files).await?;
                Ok(TemplateFacts { stored, inspection: None })
            }
            TemplateCommand::PublishTemplate(_) => {
                let files: Vec<TemplateFile> = state.files.values().cloned().collect();
                let sources = template_files::fetch(self.blobs, tenant, &files).await?;
                let inspection = match self.renderers.of(tenant).inspect(sources).await {
                    Ok(inspection) => Ok(Inspected { parameters: inspection.parameters }),
                    Err(failure) => Err(refusal(failure)?),
                };
                if inspection.is_ok() {
                    let revision = revision(&files);
                    template_files::keep_manifest(self.blobs, tenant, &revision, &files).await?;
                }
                Ok(TemplateFacts { stored: Vec::new(), inspection: Some(inspection) })
            }
        }
    }
}

/// What is wrong with the template, unless it was the rendering that failed.
fn refusal(failure: RenderFailure) -> Result<Vec<Violation>, Problem> {
    let findings = match failure {
        RenderFailure::Findings(findings) => findings,
        RenderFailure::Render(error) => vec![error.into()],
        RenderFailure::Unavailable(error) => {
            tracing::error!(error = %Chain(&error), "a template cannot be inspected");
            return Err(Problem::unavailable());
        }
    };
    Ok(findings.iter().filter(|finding| finding.is_error()).map(violation).collect())
}

/// A finding as a violation: `src/app.py.j2:3:7`.
pub fn violation(finding: &Finding) -> Violation {
    let mut at = finding.path.clone();
    for number in [finding.line, finding.column].into_iter().flatten() {
        at.push_str(&format!(":{number}"));
    }
    let code = serde_json::to_value(finding.code).ok();
    let code = code.as_ref().and_then(serde_json::Value::as_str).unwrap_or("INVALID_TEMPLATE");
    Violation::new(at, code, finding.message.clone())
}

impl From<TemplateFilesError> for Problem {
    fn from(error: TemplateFilesError) -> Self {
        tracing::error!(error = %Chain(&error), "a template's files cannot be used");
        match error {
            TemplateFilesError::Blobs(error) if error.is_retryable() => Self::unavailable(),
            _ => Self::internal(),
        }
    }
}
