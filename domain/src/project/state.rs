use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use skafu_events::project::{
    ProjectCreated, ProjectCreationFailed, ProjectEvent, ProjectStatus, RepositoryLink, TemplateSelected,
};

use super::ProjectCommand;
use crate::{Aggregate, Decision, Principal, Rejection, flatten};

/// The saga's state whose failure takes the choice of a revision with it.
const RENDER_TEMPLATE: &str = "RenderTemplate";

/// A project, folded from its events.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Project {
    /// What was asked for; none before the first event.
    pub created: Option<ProjectCreated>,
    /// Where it stands.
    pub status: ProjectStatus,
    /// The attempt under way, awaited or last made; 0 before the first.
    pub attempt: u32,
    /// Whether that attempt has begun.
    pub begun: bool,
    /// The name the first attempt began with. Repositories are found by it, whatever the project is called later.
    pub made_as: Option<String>,
    /// What the attempt renders.
    pub selection: Option<TemplateSelected>,
    /// SHA-256 of the rendered bundle of the attempt.
    pub bundle_sha256: Option<String>,
    /// The repository, once everything is in place.
    pub repository: Option<RepositoryLink>,
    /// Why the last attempt failed; none once another one is asked for.
    pub failure: Option<ProjectCreationFailed>,
    /// Whether nothing is left of a failed attempt.
    pub undone: bool,
    /// Whether undoing it failed as well.
    pub stuck: bool,
    /// How often operators had it undone once more.
    pub rounds: u32,
    /// Whether its name is still its own.
    pub holds_name: bool,
}

impl Aggregate for Project {
    type Event = ProjectEvent;
    type Command = ProjectCommand;
    type Facts = Option<super::PublishedTemplate>;

    const SNAPSHOT_EVERY: u64 = 20;
    const GOLDEN: &'static [&'static str] = skafu_events::golden::PROJECT;

    fn evolve(&mut self, event: &ProjectEvent) {
        match event {
            ProjectEvent::ProjectCreated(created) => {
                self.created = Some(created.clone());
                self.holds_name = true;
            }
            ProjectEvent::ProjectCreationStarted(started) => self.start(started.attempt),
            ProjectEvent::TemplateSelected(selected) => self.selection = Some(selected.clone()),
            ProjectEvent::TemplateRendered(rendered) => {
                self.bundle_sha256 = Some(rendered.bundle_sha256.clone());
            }
            ProjectEvent::ProjectConfigured(configured) => {
                self.status = ProjectStatus::Ready;
                self.repository = Some(configured.repository.clone());
            }
            ProjectEvent::ProjectCreationFailed(failed) => self.end_attempt(failed),
            ProjectEvent::ProjectCreationCompensated(_) => self.forget_attempt(),
            ProjectEvent::ProjectCreationRetried(retried) => {
                self.status = ProjectStatus::Configuring;
                (self.attempt, self.begun, self.failure) = (retried.attempt, false, None);
            }
            ProjectEvent::ProjectCreationStuck(_) => self.stuck = true,
            ProjectEvent::ProjectCompensationRetried(retried) => {
                (self.stuck, self.rounds) = (false, retried.round);
            }
            ProjectEvent::ProjectCreationResolved(_) => self.forget_attempt(),
            ProjectEvent::ProjectUpdated(updated) => self.change(&updated.changes),
            ProjectEvent::ProjectArchived(_) => self.status = ProjectStatus::Archived,
            ProjectEvent::ProjectRestored(_) => self.status = ProjectStatus::Ready,
            ProjectEvent::ProjectDeleted(_) => {
                (self.status, self.holds_name) = (ProjectStatus::Deleted, false);
            }
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
            ProjectCommand::RetryProjectCreation(_) => self.retry_creation(),
            ProjectCommand::BeginProvisioning(command) => self.begin(command),
            ProjectCommand::SelectTemplate(command) => self.select_template(command),
            ProjectCommand::RecordRendering(command) => self.record_rendering(command),
            ProjectCommand::ConfigureProject(command) => self.configure(command),
            ProjectCommand::FailProjectCreation(command) => self.fail(command),
            ProjectCommand::CompensateProjectCreation(command) => self.compensate(command),
            ProjectCommand::ReportStuckCreation(command) => self.report_stuck(command),
            ProjectCommand::RetryCompensation(_) => self.retry_compensation(),
            ProjectCommand::ResolveProjectCreation(command) => self.resolve(command),
            ProjectCommand::UpdateProject(command) => self.update(command),
            ProjectCommand::ArchiveProject(command) => self.archive(command),
            ProjectCommand::RestoreProject(command) => self.restore(command),
            ProjectCommand::DeleteProject(command) => self.delete(command),
        }
    }
}

impl Project {
    fn start(&mut self, attempt: u32) {
        if self.status != ProjectStatus::Deleted {
            self.status = ProjectStatus::Configuring;
        }
        (self.attempt, self.begun, self.failure) = (attempt, true, None);
        if self.made_as.is_none() {
            self.made_as = self.created.as_ref().map(|created| created.name.clone());
        }
    }

    fn end_attempt(&mut self, failed: &ProjectCreationFailed) {
        if self.status != ProjectStatus::Deleted {
            self.status = ProjectStatus::Failed;
        }
        self.attempt = failed.attempt;
        if failed.kept_for_retry && failed.failed_step == RENDER_TEMPLATE {
            // What cannot be rendered now never can: the next attempt takes what is published by then.
            (self.selection, self.bundle_sha256) = (None, None);
        }
        self.failure = Some(failed.clone());
    }

    fn forget_attempt(&mut self) {
        (self.selection, self.bundle_sha256) = (None, None);
        (self.undone, self.stuck, self.holds_name) = (true, false, false);
    }
}
