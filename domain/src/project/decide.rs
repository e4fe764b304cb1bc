use skafu_events::project::{
    FailureReason, ProjectConfigured, ProjectCreationCompensated, ProjectCreationFailed,
    ProjectCreationStarted, ProjectEvent, RepositoryLink, TemplateRendered, TemplateSelected,
};

use super::{
    ConfigureProject, FailProjectCreation, Project, ProjectStatus, RecordRendering, RepositoryInput,
    SelectTemplate,
};
use crate::{Claim, Decision, Rejection, UniqueName};

const FIRST_ATTEMPT: u32 = 1;

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

/// The saga's commands. Each may arrive twice, so each is a no-op where its work is done.
impl Project {
    pub(super) fn select_template(
        &self,
        command: &SelectTemplate,
    ) -> Result<Decision<ProjectEvent>, Rejection> {
        let created = self.created.as_ref().ok_or(Rejection::NotFound("the project"))?;
        let selected = TemplateSelected {
            template_id: created.template_id.clone(),
            template_tenant: command.template_tenant.clone(),
            template_revision: command.template_revision.clone(),
            parameters: command.parameters.clone(),
        };
        if self.status == ProjectStatus::Configuring
            && self.attempt == command.attempt
            && self.selection.is_some()
        {
            return Ok(Decision::nothing());
        }
        if self.status != ProjectStatus::Draft || command.attempt != FIRST_ATTEMPT {
            return Err(Rejection::rule("awaits-attempt", "the project does not await this attempt"));
        }
        Ok(Decision::events(vec![
            ProjectEvent::ProjectCreationStarted(ProjectCreationStarted { attempt: command.attempt }),
            ProjectEvent::TemplateSelected(selected),
        ]))
    }

    pub(super) fn record_rendering(
        &self,
        command: &RecordRendering,
    ) -> Result<Decision<ProjectEvent>, Rejection> {
        self.must_be_configuring()?;
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
        self.must_be_configuring()?;
        Ok(Decision::events(vec![ProjectEvent::ProjectConfigured(ProjectConfigured { repository })]))
    }

    pub(super) fn fail(&self, command: &FailProjectCreation) -> Result<Decision<ProjectEvent>, Rejection> {
        let created = self.created.as_ref().ok_or(Rejection::NotFound("the project"))?;
        match self.status {
            ProjectStatus::Failed => return Ok(Decision::nothing()),
            ProjectStatus::Ready | ProjectStatus::Archived | ProjectStatus::Deleted => {
                return Err(Rejection::rule("not-ready", "the project is ready: there is nothing to undo"));
            }
            ProjectStatus::Draft | ProjectStatus::Configuring => {}
        }
        let failed = ProjectCreationFailed {
            attempt: command.attempt,
            failed_step: command.failed_step.clone(),
            error: FailureReason { code: command.error.code.clone(), message: command.error.message.clone() },
        };
        let compensated = ProjectCreationCompensated {
            attempt: command.attempt,
            compensations: command.compensations.clone(),
        };
        Ok(Decision {
            events: vec![
                ProjectEvent::ProjectCreationFailed(failed),
                ProjectEvent::ProjectCreationCompensated(compensated),
            ],
            claims: vec![Claim::Release(UniqueName::project(&created.name))],
        })
    }

    fn must_be_configuring(&self) -> Result<(), Rejection> {
        match self.status {
            _ if self.created.is_none() => Err(Rejection::NotFound("the project")),
            ProjectStatus::Configuring => Ok(()),
            _ => Err(Rejection::rule("configuring", "no attempt to create the project is under way")),
        }
    }
}
