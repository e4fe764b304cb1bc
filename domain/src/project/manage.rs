use skafu_events::project::{
    ProjectArchived, ProjectChanges, ProjectConfiguration, ProjectDeleted, ProjectEvent, ProjectRestored,
    ProjectUpdated,
};

use super::create::{configuration_violations, name_violations};
use super::{
    ArchiveProject, ConfigurationChanges, ConfigurationInput, DeleteProject, Project, ProjectStatus,
    RestoreProject, UpdateProject,
};
use crate::{Claim, Decision, Rejection, UniqueName};

/// What owners do with their projects.
impl Project {
    pub(super) fn update(&self, command: &UpdateProject) -> Result<Decision<ProjectEvent>, Rejection> {
        let created = self.created.as_ref().filter(|_| self.status != ProjectStatus::Deleted);
        let created = created.ok_or(Rejection::NotFound("the project"))?;
        if !matches!(self.status, ProjectStatus::Draft | ProjectStatus::Configuring | ProjectStatus::Ready) {
            return Err(Rejection::rule("active", "the project is archived or failed: it cannot be changed"));
        }
        let name = command.name.as_deref().map(str::trim);
        let configuration = merged(&created.configuration, &command.configuration);
        let mut violations = name.map(name_violations).unwrap_or_default();
        violations.extend(configuration_violations(&as_input(&configuration)));
        if !violations.is_empty() {
            return Err(Rejection::Invalid(violations));
        }
        let changes = ProjectChanges {
            name: name.filter(|name| *name != created.name).map(str::to_owned),
            description: command.description.clone().filter(|new| Some(new) != created.description.as_ref()),
            configuration: (configuration != created.configuration).then_some(configuration),
        };
        if changes == ProjectChanges::default() {
            return Ok(Decision::nothing());
        }
        let previous_values = ProjectChanges {
            name: changes.name.as_ref().map(|_| created.name.clone()),
            description: changes.description.as_ref().and(created.description.clone()),
            configuration: changes.configuration.as_ref().map(|_| created.configuration.clone()),
        };
        let claims = changes.name.as_ref().map(|name| rename(&created.name, name)).unwrap_or_default();
        let updated = ProjectUpdated { changes, previous_values };
        Ok(Decision { events: vec![ProjectEvent::ProjectUpdated(updated)], claims })
    }

    pub(super) fn archive(&self, command: &ArchiveProject) -> Result<Decision<ProjectEvent>, Rejection> {
        match self.standing()? {
            ProjectStatus::Archived => Ok(Decision::nothing()),
            ProjectStatus::Ready => {
                let archived = ProjectArchived { reason: command.reason.clone() };
                Ok(Decision::events(vec![ProjectEvent::ProjectArchived(archived)]))
            }
            _ => Err(Rejection::rule("ready", "only a ready project can be archived")),
        }
    }

    pub(super) fn restore(&self, command: &RestoreProject) -> Result<Decision<ProjectEvent>, Rejection> {
        match self.standing()? {
            ProjectStatus::Ready => Ok(Decision::nothing()),
            ProjectStatus::Archived => {
                let restored = ProjectRestored { reason: command.reason.clone() };
                Ok(Decision::events(vec![ProjectEvent::ProjectRestored(restored)]))
            }
            _ => Err(Rejection::rule("archived", "only an archived project can be restored")),
        }
    }

    /// A creation under way is undone by its own execution, which can record nothing more. Of one that was kept for
    /// another attempt no execution is left: the event says so, and one is started.
    pub(super) fn delete(&self, command: &DeleteProject) -> Result<Decision<ProjectEvent>, Rejection> {
        self.created.as_ref().ok_or(Rejection::NotFound("the project"))?;
        if self.status == ProjectStatus::Deleted {
            return Ok(Decision::nothing());
        }
        let deleted = ProjectDeleted {
            reason: command.reason.clone(),
            attempt_to_undo: self.is_kept().then_some(self.attempt),
        };
        Ok(Decision { events: vec![ProjectEvent::ProjectDeleted(deleted)], claims: self.release_name() })
    }

    /// Where the project stands, if there is one for whoever asks.
    pub(super) fn standing(&self) -> Result<ProjectStatus, Rejection> {
        match self.status {
            ProjectStatus::Deleted => Err(Rejection::NotFound("the project")),
            _ if self.created.is_none() => Err(Rejection::NotFound("the project")),
            status => Ok(status),
        }
    }

    pub(super) fn change(&mut self, changes: &ProjectChanges) {
        let Some(created) = &mut self.created else { return };
        if let Some(name) = &changes.name {
            created.name.clone_from(name);
        }
        if changes.description.is_some() {
            created.description.clone_from(&changes.description);
        }
        if let Some(configuration) = &changes.configuration {
            created.configuration = configuration.clone();
        }
    }
}

/// A name that differs in case alone is held already.
fn rename(old: &str, new: &str) -> Vec<Claim> {
    let (old, new) = (UniqueName::project(old), UniqueName::project(new));
    if old == new { Vec::new() } else { vec![Claim::Release(old), Claim::Take(new)] }
}

fn merged(old: &ProjectConfiguration, new: &ConfigurationChanges) -> ProjectConfiguration {
    ProjectConfiguration {
        runtime: new.runtime.clone().or_else(|| old.runtime.clone()),
        region: new.region.clone().or_else(|| old.region.clone()),
        features: new.features.clone().unwrap_or_else(|| old.features.clone()),
        environment: new.environment.clone().unwrap_or_else(|| old.environment.clone()),
    }
}

fn as_input(configuration: &ProjectConfiguration) -> ConfigurationInput {
    ConfigurationInput {
        runtime: configuration.runtime.clone(),
        region: configuration.region.clone(),
        features: configuration.features.clone(),
        environment: configuration.environment.clone(),
    }
}
