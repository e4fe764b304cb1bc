use serde_json::Value;
use skafu_domain::project::{Project, ProjectStatus};
use skafu_domain::{Aggregate, UniqueName};
use skafu_events::{Commit, DomainEvent};

use super::world::BEFORE;

/// A project as it is on record, folded once, by nothing of what is to be proved but the aggregate.
#[derive(Debug)]
pub struct Recorded {
    pub commits: Vec<Commit>,
    /// The state after each version, the one before the first event included.
    states: Vec<Project>,
}

impl Recorded {
    pub fn new(commits: Vec<Commit>) -> Self {
        let mut states = vec![Project::default()];
        let mut state = Project::default();
        for event in commits.iter().flat_map(|commit| &commit.events) {
            let event =
                <Project as Aggregate>::Event::decode(&event.event_type, event.event_version, &event.data);
            state.evolve(&event.unwrap());
            states.push(state.clone());
        }
        Self { commits, states }
    }

    /// The version after everything that happened.
    pub fn head(&self) -> u64 {
        self.commits.last().map_or(0, Commit::last_version)
    }

    /// The version it had when the clients began.
    pub fn begun(&self) -> u64 {
        let mut before = self.commits.iter().filter(|commit| commit.user_id == BEFORE);
        before.next_back().map_or(0, Commit::last_version)
    }

    /// The state right after that version, which must be one there was.
    pub fn at(&self, version: u64) -> &Project {
        &self.states[version as usize]
    }

    /// The state now, as a snapshot would keep it.
    pub fn now(&self) -> Value {
        serde_json::to_value(self.at(self.head())).unwrap()
    }

    /// The versions between two of them, these included, at which a command may have found it.
    pub fn moments(&self, from: u64, to: u64) -> impl Iterator<Item = u64> {
        let ends = self.commits.iter().map(Commit::last_version);
        std::iter::once(0).chain(ends).filter(move |version| (from..=to).contains(version))
    }

    /// The name that nobody else may have at that version, unless the project is gone or not there yet.
    pub fn name(&self, version: u64) -> Option<UniqueName> {
        let state = self.at(version);
        let gone = matches!(state.status, ProjectStatus::Deleted | ProjectStatus::Failed);
        let created = state.created.as_ref().filter(|_| !gone)?;
        Some(UniqueName::project(&created.name))
    }
}
