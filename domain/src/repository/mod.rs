//! The git repository of a project, as the saga records it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use skafu_events::repository::{RepositoryConfigured, RepositoryCreated, RepositoryDeleted, RepositoryEvent};

use crate::project::RepositoryInput;
use crate::{Aggregate, Decision, Principal, Rejection};

/// What may be asked of a repository.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "command", content = "data")]
#[expect(missing_docs, reason = "each variant is documented at its type")]
pub enum RepositoryCommand {
    CreateRepository(CreateRepository),
    ConfigureRepository(ConfigureRepository),
    DeleteRepository(DeleteRepository),
}

/// Records that a project's repository exists. Sent by the saga.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the event")]
pub struct CreateRepository {
    pub project_id: String,
    pub repository: RepositoryInput,
    pub file_count: u32,
}

/// Records how a project's repository was configured. Sent by the saga.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the event")]
pub struct ConfigureRepository {
    pub project_id: String,
    pub applied: Vec<String>,
    pub skipped: Vec<String>,
}

/// Records that a project's repository was removed again. Sent by the saga.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the event")]
pub struct DeleteRepository {
    pub project_id: String,
    pub reason: String,
}

/// A repository, folded from its events.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Repository {
    /// How it was made; none before the first event.
    pub created: Option<RepositoryCreated>,
    /// How it was configured, if it was.
    pub configured: Option<RepositoryConfigured>,
    /// Whether it was removed again.
    pub deleted: bool,
}

impl Aggregate for Repository {
    type Event = RepositoryEvent;
    type Command = RepositoryCommand;
    type Facts = ();

    const SNAPSHOT_EVERY: u64 = 20;
    const GOLDEN: &'static [&'static str] = skafu_events::golden::REPOSITORY;

    fn evolve(&mut self, event: &RepositoryEvent) {
        match event {
            RepositoryEvent::RepositoryCreated(created) => {
                self.created = Some(created.clone());
                (self.configured, self.deleted) = (None, false);
            }
            RepositoryEvent::RepositoryConfigured(configured) => self.configured = Some(configured.clone()),
            RepositoryEvent::RepositoryDeleted(_) => self.deleted = true,
        }
    }

    fn exists(&self) -> bool {
        self.created.is_some()
    }

    fn owner(&self) -> Option<&str> {
        None
    }

    /// Nobody but the saga changes it.
    fn fields(&self) -> Map<String, Value> {
        Map::new()
    }

    fn decide(
        &self,
        command: &RepositoryCommand,
        _caller: &Principal,
        _facts: &(),
    ) -> Result<Decision<RepositoryEvent>, Rejection> {
        match command {
            RepositoryCommand::CreateRepository(command) => self.create(command),
            RepositoryCommand::ConfigureRepository(command) => self.configure(command),
            RepositoryCommand::DeleteRepository(command) => Ok(self.delete(command)),
        }
    }
}

impl Repository {
    fn create(&self, command: &CreateRepository) -> Result<Decision<RepositoryEvent>, Rejection> {
        let made = RepositoryCreated {
            project_id: command.project_id.clone(),
            link: command.repository.clone().into(),
            file_count: command.file_count,
        };
        match &self.created {
            Some(created) if !self.deleted && *created == made => Ok(Decision::nothing()),
            Some(_) if !self.deleted => Err(Rejection::Exists("the repository")),
            // Whoever comes so late belongs to an attempt that was undone.
            Some(_) => Err(Rejection::rule("not-deleted", "the repository was removed again")),
            None => Ok(Decision::events(vec![RepositoryEvent::RepositoryCreated(made)])),
        }
    }

    fn configure(&self, command: &ConfigureRepository) -> Result<Decision<RepositoryEvent>, Rejection> {
        if self.created.is_none() || self.deleted {
            return Err(Rejection::NotFound("the repository"));
        }
        let configured = RepositoryConfigured {
            project_id: command.project_id.clone(),
            applied: command.applied.clone(),
            skipped: command.skipped.clone(),
        };
        if self.configured.as_ref() == Some(&configured) {
            return Ok(Decision::nothing());
        }
        Ok(Decision::events(vec![RepositoryEvent::RepositoryConfigured(configured)]))
    }

    /// Nothing to delete is as good as deleted: compensation runs whether or not there was an effect.
    fn delete(&self, command: &DeleteRepository) -> Decision<RepositoryEvent> {
        if self.created.is_none() || self.deleted {
            return Decision::nothing();
        }
        Decision::events(vec![RepositoryEvent::RepositoryDeleted(RepositoryDeleted {
            project_id: command.project_id.clone(),
            reason: command.reason.clone(),
        })])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::given;

    fn link() -> RepositoryInput {
        RepositoryInput {
            repository_id: "p1".to_owned(),
            name: "shop".to_owned(),
            location: "acme/p1/shop.git".to_owned(),
            default_branch: "main".to_owned(),
            initial_commit_id: "c0ffee".to_owned(),
        }
    }

    fn create(input: RepositoryInput) -> RepositoryCommand {
        let project_id = "p1".to_owned();
        RepositoryCommand::CreateRepository(CreateRepository { project_id, repository: input, file_count: 3 })
    }

    fn configure() -> RepositoryCommand {
        let (applied, skipped) = (vec!["description".to_owned()], Vec::new());
        let project_id = "p1".to_owned();
        RepositoryCommand::ConfigureRepository(ConfigureRepository { project_id, applied, skipped })
    }

    fn delete() -> RepositoryCommand {
        let (project_id, reason) = ("p1".to_owned(), "undone".to_owned());
        RepositoryCommand::DeleteRepository(DeleteRepository { project_id, reason })
    }

    #[test]
    fn recording_the_same_repository_twice_changes_nothing() {
        let events = given::<Repository>([]).when(create(link())).unwrap().events;
        assert_eq!(events.len(), 1);
        assert_eq!(given::<Repository>(events.clone()).when(create(link())), Ok(Decision::nothing()));
        let other = RepositoryInput { initial_commit_id: "beef".to_owned(), ..link() };
        assert_eq!(given::<Repository>(events).when(create(other)), Err(Rejection::Exists("the repository")));
    }

    #[test]
    fn deleting_runs_twice_safely_and_is_final() {
        assert_eq!(given::<Repository>([]).when(delete()), Ok(Decision::nothing()));
        let mut events = given::<Repository>([]).when(create(link())).unwrap().events;
        events.extend(given::<Repository>(events.clone()).when(delete()).unwrap().events);
        assert_eq!(given::<Repository>(events.clone()).when(delete()), Ok(Decision::nothing()));
        let late = given::<Repository>(events.clone()).when(create(link()));
        assert!(matches!(late, Err(Rejection::Rule { rule: "not-deleted", .. })), "{late:?}");
        assert_eq!(given::<Repository>(events).when(configure()), Err(Rejection::NotFound("the repository")));
    }

    #[test]
    fn being_configured_the_same_way_twice_changes_nothing() {
        let mut events = given::<Repository>([]).when(create(link())).unwrap().events;
        events.extend(given::<Repository>(events.clone()).when(configure()).unwrap().events);
        assert_eq!(events.len(), 2);
        assert_eq!(given::<Repository>(events).when(configure()), Ok(Decision::nothing()));
    }
}
