use skafu_events::{Commit, RecordedEvent, StreamId};
use uuid::Uuid;

/// What happened to one aggregate, oldest first, without gaps. Only a store makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    stream: StreamId,
    commits: Vec<Commit>,
}

impl History {
    /// `commits` must be contiguous from version 1.
    pub(crate) fn new(stream: StreamId, commits: Vec<Commit>) -> Self {
        Self { stream, commits }
    }

    /// The stream it is the history of.
    pub fn stream(&self) -> &StreamId {
        &self.stream
    }

    /// The aggregate's version: that of its last event, 0 if there is none.
    pub fn version(&self) -> u64 {
        self.commits.last().map_or(0, Commit::last_version)
    }

    /// The commits, oldest first.
    pub fn commits(&self) -> &[Commit] {
        &self.commits
    }

    /// The events, oldest first.
    pub fn events(&self) -> impl Iterator<Item = &RecordedEvent> {
        self.commits.iter().flat_map(|commit| &commit.events)
    }

    /// What a command of that id by that caller did to this aggregate, if it was accepted.
    pub fn commit_of(&self, command_id: Uuid, user_id: &str) -> Option<&Commit> {
        self.commits.iter().rev().find(|commit| commit.command_id == command_id && commit.user_id == user_id)
    }
}

/// Checks that `commits` follow `version` one after the other. `Err` is the first version missing.
pub(crate) fn contiguous(version: u64, commits: &[Commit]) -> Result<(), u64> {
    commits.iter().try_fold(version, |head, commit| {
        if commit.first_version == head + 1 { Ok(commit.last_version()) } else { Err(head + 1) }
    })?;
    Ok(())
}
