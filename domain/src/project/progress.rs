use skafu_events::project::{
    ProjectConfigured, ProjectCreationStarted, ProjectEvent, RepositoryLink, TemplateRendered,
    TemplateSelected,
};

use super::{
    BeginProvisioning, ConfigureProject, Project, ProjectStatus, RecordRendering, RepositoryInput,
    SelectTemplate,
};
use crate::{Decision, Rejection};

pub(super) const FIRST_ATTEMPT: u32 = 1;

impl From<RepositoryInput> for RepositoryLink {
    fn from(input: RepositoryInput) -> Self {
        Self {
            repository_id: input.repository_id,
            name: input.name,
            location: input.location,
            default_branch: input.default_branch,
            initial_commit_id: input.initial_commit_id,
        }
    }
}

/// The saga's way forward. Each command may arrive twice, so each is a no-op where its work is done; and late, so
/// each names the attempt it belongs to.
impl Project {
    pub(super) fn begin(&self, command: &BeginProvisioning) -> Result<Decision<ProjectEvent>, Rejection> {
        let awaited = match self.status {
            _ if self.created.is_none() => return Err(Rejection::NotFound("the project")),
            ProjectStatus::Deleted => return Err(cancelled()),
            ProjectStatus::Draft => FIRST_ATTEMPT,
            ProjectStatus::Configuring if self.begun && command.attempt == self.attempt => {
                return Ok(Decision::nothing());
            }
            ProjectStatus::Configuring if !self.begun => self.attempt,
            _ => return Err(not_awaited()),
        };
        if command.attempt != awaited {
            return Err(not_awaited());
        }
        let started = ProjectCreationStarted { attempt: command.attempt };
        Ok(Decision::events(vec![ProjectEvent::ProjectCreationStarted(started)]))
    }

    pub(super) fn select_template(
        &self,
        command: &SelectTemplate,
    ) -> Result<Decision<ProjectEvent>, Rejection> {
        self.must_be_under_way(command.attempt)?;
        let created = self.created.as_ref().ok_or(Rejection::NotFound("the project"))?;
        if self.selection.is_some() {
            return Ok(Decision::nothing());
        }
        Ok(Decision::events(vec![ProjectEvent::TemplateSelected(TemplateSelected {
            template_id: created.template_id.clone(),
            template_tenant: command.template_tenant.clone(),
            template_revision: command.template_revision.clone(),
            parameters: command.parameters.clone(),
        })]))
    }

    pub(super) fn record_rendering(
        &self,
        command: &RecordRendering,
    ) -> Result<Decision<ProjectEvent>, Rejection> {
        self.must_be_under_way(command.attempt)?;
        if self.bundle_sha256.as_ref() == Some(&command.bundle_sha256) {
            return Ok(Decision::nothing());
        }
        Ok(Decision::events(vec![ProjectEvent::TemplateRendered(TemplateRendered {
            bundle_sha256: command.bundle_sha256.clone(),
            file_count: command.file_count,
        })]))
    }

    pub(super) fn configure(&self, command: &ConfigureProject) -> Result<Decision<ProjectEvent>, Rejection> {
        let repository = RepositoryLink::from(command.repository.clone());
        if self.repository.as_ref() == Some(&repository) {
            return Ok(Decision::nothing());
        }
        self.must_be_under_way(command.attempt)?;
        Ok(Decision::events(vec![ProjectEvent::ProjectConfigured(ProjectConfigured { repository })]))
    }

    fn must_be_under_way(&self, attempt: u32) -> Result<(), Rejection> {
        match self.status {
            _ if self.created.is_none() => Err(Rejection::NotFound("the project")),
            ProjectStatus::Deleted => Err(cancelled()),
            ProjectStatus::Configuring if self.begun && attempt == self.attempt => Ok(()),
            _ => Err(Rejection::rule(
                "attempt-under-way",
                "this attempt to create the project is not under way",
            )),
        }
    }
}

fn cancelled() -> Rejection {
    Rejection::rule("not-deleted", "the project was deleted while it was made")
}

fn not_awaited() -> Rejection {
    Rejection::rule("awaits-attempt", "the project does not await this attempt")
}
