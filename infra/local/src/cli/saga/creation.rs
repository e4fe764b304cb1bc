//! A creation as its events tell it, with the moments and reasons the project itself forgets.

use clap::ValueEnum;
use serde::Serialize;
use skafu_domain::Aggregate;
use skafu_domain::project::{Project, ProjectStatus};
use skafu_events::project::{FailureReason, ProjectEvent};
use skafu_events::{Commit, DomainEvent, StreamId, Timestamp, UnknownEvent};
use skafu_store::History;

/// How a project's creation stands, for whoever looks after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(in crate::cli) enum Status {
    /// It has its repository, whatever became of it later.
    Succeeded,
    /// It failed, and nothing is left of it.
    Compensated,
    /// It failed, and what it made is kept for another attempt.
    Failed,
    /// It failed, and somebody has to look.
    Stuck,
    /// It is awaited, made or undone.
    Running,
}

impl Status {
    /// What the project alone can tell: that nobody carries it on, it cannot know.
    fn of(project: &Project) -> Self {
        match project.status {
            _ if project.repository.is_some() => Self::Succeeded,
            _ if project.undone => Self::Compensated,
            _ if project.stuck => Self::Stuck,
            ProjectStatus::Failed if project.is_kept() => Self::Failed,
            _ => Self::Running,
        }
    }

    /// Its name, as options and answers have it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Compensated => "compensated",
            Self::Failed => "failed",
            Self::Stuck => "stuck",
            Self::Running => "running",
        }
    }
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    /// The saga's state; none if nobody knows.
    pub step: Option<String>,
    pub code: String,
    pub message: String,
}

/// Why commits cannot be folded.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfoldable {
    #[error("version {0} is missing")]
    Hole(u64),
    #[error("version {0} cannot be read")]
    Event(u64, #[source] UnknownEvent),
}

/// A project's creation, folded from its events.
pub(super) struct Creation {
    pub stream: StreamId,
    pub project: Project,
    pub status: Status,
    /// Since when that is its status.
    pub since: Timestamp,
    /// What failed last; none once another attempt is asked for.
    pub trouble: Option<Trouble>,
    version: u64,
}

impl Creation {
    /// Before the first event, which will be of that time.
    pub fn new(stream: StreamId, at: Timestamp) -> Self {
        let (project, status) = (Project::default(), Status::Running);
        Self { stream, project, status, since: at, trouble: None, version: 0 }
    }

    /// All of a history; none if there is nothing in it.
    pub fn of(history: &History) -> Result<Option<Self>, Unfoldable> {
        let Some(first) = history.commits().first() else { return Ok(None) };
        let mut creation = Self::new(history.stream().clone(), first.timestamp);
        for commit in history.commits() {
            creation.apply(commit)?;
        }
        Ok(Some(creation))
    }

    /// What comes next.
    pub fn apply(&mut self, commit: &Commit) -> Result<(), Unfoldable> {
        if commit.first_version != self.version + 1 {
            return Err(Unfoldable::Hole(self.version + 1));
        }
        for event in &commit.events {
            self.version += 1;
            let event = ProjectEvent::decode(&event.event_type, event.event_version, &event.data);
            let event = event.map_err(|error| Unfoldable::Event(self.version, error))?;
            self.project.evolve(&event);
            self.remember(&event);
        }
        let status = Status::of(&self.project);
        if status != self.status {
            (self.status, self.since) = (status, commit.timestamp);
        }
        Ok(())
    }

    fn remember(&mut self, event: &ProjectEvent) {
        let trouble = |step: &String, error: &FailureReason| {
            let (code, message) = (error.code.clone(), error.message.clone());
            Some(Trouble { step: Some(step.clone()), code, message })
        };
        match event {
            ProjectEvent::ProjectCreationStarted(_) | ProjectEvent::ProjectCreationRetried(_) => {
                self.trouble = None;
            }
            ProjectEvent::ProjectCreationFailed(failed) => {
                self.trouble = trouble(&failed.failed_step, &failed.error);
            }
            ProjectEvent::ProjectCreationStuck(stuck) => {
                self.trouble = trouble(&stuck.failed_step, &stuck.error);
            }
            _ => {}
        }
    }

    /// As it is called now.
    pub fn name(&self) -> &str {
        self.project.created.as_ref().map_or("", |created| &created.name)
    }
}
