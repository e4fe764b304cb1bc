use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use skafu_events::project::{ProjectCreated, ProjectEvent, ProjectStatus, RepositoryLink, TemplateSelected};

use super::ProjectCommand;
use crate::{Aggregate, Decision, Principal, Rejection, flatten};

/// A project, folded from its events.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Project {
    /// What was asked for; none before the first event.
    pub created: Option<ProjectCreated>,
    /// Where it stands.
    pub status: ProjectStatus,
    /// The attempt under way or last made; 0 before the first.
    pub attempt: u32,
    /// What the attempt renders.
    pub selection: Option<TemplateSelected>,
    /// SHA-256 of the rendered bundle of the attempt.
    pub bundle_sha256: Option<String>,
    /// The repository, once everything is in place.
    pub repository: Option<RepositoryLink>,
}

impl Aggregate for Project {
    type Event = ProjectEvent;
    type Command = ProjectCommand;
    type Facts = Option<super::PublishedTemplate>;

    const SNAPSHOT_EVERY: u64 = 20;
    const GOLDEN: &'static [&'static str] = skafu_events::golden::PROJECT;

    fn evolve(&mut self, event: &ProjectEvent) {
        match event {
            ProjectEvent::ProjectCreated(created) => self.created = Some(created.clone()),
            ProjectEvent::ProjectCreationStarted(started) => {
                self.status = ProjectStatus::Configuring;
                self.attempt = started.attempt;
            }
            ProjectEvent::TemplateSelected(selected) => self.selection = Some(selected.clone()),
            ProjectEvent::TemplateRendered(rendered) => {
                self.bundle_sha256 = Some(rendered.bundle_sha256.clone());
            }
            ProjectEvent::ProjectConfigured(configured) => {
                self.status = ProjectStatus::Ready;
                self.repository = Some(configured.repository.clone());
            }
            ProjectEvent::ProjectCreationFailed(_) => self.status = ProjectStatus::Failed,
            ProjectEvent::ProjectCreationCompensated(_) => {
                self.selection = None;
                self.bundle_sha256 = None;
            }
            ProjectEvent::ProjectUpdated(updated) => self.change(&updated.changes),
            ProjectEvent::ProjectArchived(_) => self.status = ProjectStatus::Archived,
            ProjectEvent::ProjectRestored(_) => self.status = ProjectStatus::Ready,
            ProjectEvent::ProjectDeleted(_) => self.status = ProjectStatus::Deleted,
        }
    }

    fn exists(&self) -> bool {
        self.created.is_some()
    }

    fn owner(&self) -> Option<&str> {
        self.created.as_ref().map(|created| created.owner_id.as_str())
    }

    fn fields(&self) -> Map<String, Value> {
        let Some(created) = &self.created else { return Map::new() };
        let configuration = &created.configuration;
        let fields = json!({
            "name": created.name,
            "description": created.description,
            "configuration": {
                "runtime": configuration.runtime,
                "region": configuration.region,
                "features": configuration.features,
            },
            "status": self.status,
        });
        let mut fields = fields.as_object().map(flatten).unwrap_or_default();
        // Commands replace all variables at once, so together they are one field.
        fields.insert("configuration.environment".to_owned(), json!(configuration.environment));
        fields
    }

    fn decide(
        &self,
        command: &ProjectCommand,
        caller: &Principal,
        template: &Self::Facts,
    ) -> Result<Decision<ProjectEvent>, Rejection> {
        match command {
            ProjectCommand::CreateProject(command) => self.create(command, caller, template.as_ref()),
            ProjectCommand::SelectTemplate(command) => self.select_template(command),
            ProjectCommand::RecordRendering(command) => self.record_rendering(command),
            ProjectCommand::ConfigureProject(command) => self.configure(command),
            ProjectCommand::FailProjectCreation(command) => self.fail(command),
            ProjectCommand::UpdateProject(command) => self.update(command),
            ProjectCommand::ArchiveProject(command) => self.archive(command),
            ProjectCommand::RestoreProject(command) => self.restore(command),
            ProjectCommand::DeleteProject(command) => self.delete(command),
        }
    }
}
