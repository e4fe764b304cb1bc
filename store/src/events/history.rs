use skafu_events::{Commit, RecordedEvent, StreamId, Timestamp};
use uuid::Uuid;

use super::{Accepted, RecentCommands, Snapshot};

/// What happened to one aggregate, oldest first, without gaps: all of it, or a snapshot and what came
/// after it. Only a store makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    stream: StreamId,
    snapshot: Option<Snapshot>,
    commits: Vec<Commit>,
}

impl History {
    /// `commits` must follow the snapshot, or version 0, without a gap.
    pub(crate) fn new(stream: StreamId, snapshot: Option<Snapshot>, commits: Vec<Commit>) -> Self {
        Self { stream, snapshot, commits }
    }

    /// The stream it is the history of.
    pub fn stream(&self) -> &StreamId {
        &self.stream
    }

    /// What stands for everything before the commits.
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.as_ref()
    }

    /// The version of the snapshot, 0 without one.
    pub fn snapshot_version(&self) -> u64 {
        self.snapshot.as_ref().map_or(0, |snapshot| snapshot.version)
    }

    /// The aggregate's version: that of its last event, 0 if there is none.
    pub fn version(&self) -> u64 {
        self.commits.last().map_or(self.snapshot_version(), Commit::last_version)
    }

    /// The version the aggregate was at then: that of the snapshot, or 0, if no commit after it was made by
    /// then.
    ///
    /// Clocks differ, versions do not: what stands before a commit of that time has happened by then,
    /// whatever its own clock said.
    pub fn version_at(&self, time: Timestamp) -> u64 {
        let by_then = self.commits.iter().rev().find(|commit| commit.timestamp <= time);
        by_then.map_or(self.snapshot_version(), Commit::last_version)
    }

    /// The commits after the snapshot, oldest first.
    pub fn commits(&self) -> &[Commit] {
        &self.commits
    }

    #[cfg(feature = "faults")]
    pub(crate) fn into_commits(self) -> Vec<Commit> {
        self.commits
    }

    /// The events after the snapshot, oldest first.
    pub fn events(&self) -> impl Iterator<Item = &RecordedEvent> {
        self.commits.iter().flat_map(|commit| &commit.events)
    }

    /// What a command of that id by that caller led to, if it was accepted within the window.
    pub fn accepted(&self, command_id: Uuid, user_id: &str) -> Option<Accepted> {
        let mut tail = self.commits.iter().rev();
        let found = tail.find(|commit| commit.command_id == command_id && commit.user_id == user_id);
        match found {
            Some(commit) => Some(Accepted::from(commit)),
            None => self.snapshot.as_ref()?.recent.find(command_id, user_id).cloned(),
        }
    }

    /// The last commands the aggregate accepted, for the next snapshot.
    pub fn recent(&self) -> RecentCommands {
        let mut recent = self.snapshot.as_ref().map(|snapshot| snapshot.recent.clone()).unwrap_or_default();
        self.commits.iter().for_each(|commit| recent.remember(commit));
        recent
    }
}

/// Checks that `commits` follow `version` one after the other. `Err` is the first version missing.
pub(crate) fn contiguous(version: u64, commits: &[Commit]) -> Result<(), u64> {
    commits.iter().try_fold(version, |head, commit| {
        if commit.first_version == head + 1 { Ok(commit.last_version()) } else { Err(head + 1) }
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};
    use skafu_events::{AggregateKind, Tenant};

    use super::*;
    use crate::events::commit_after;
    use crate::{Draft, NewEvent};

    fn at(second: i64) -> Timestamp {
        chrono::DateTime::from_timestamp(second, 0).unwrap().into()
    }

    /// Commits of that many events, each with its own clock's time.
    fn history(commits: &[(usize, i64)]) -> History {
        let stream = StreamId::new(Tenant::new("acme").unwrap(), AggregateKind::Project, "p").unwrap();
        let event = NewEvent { event_type: String::new(), event_version: 1, data: Value::Null };
        let mut head = 0;
        let commit = |(events, second): &(usize, i64)| {
            let draft = Draft {
                events: vec![event.clone(); *events],
                command_id: Uuid::nil(),
                body_hash: String::new(),
                correlation_id: Uuid::nil(),
                user_id: String::new(),
                timestamp: at(*second),
                metadata: Map::new(),
            };
            let commit = commit_after(&stream, head, draft).unwrap();
            head = commit.last_version();
            commit
        };
        let commits = commits.iter().map(commit).collect();
        History::new(stream, None, commits)
    }

    #[test]
    fn a_time_means_the_last_commit_that_was_made_by_then_whole() {
        let history = history(&[(1, 10), (3, 20), (2, 30)]);
        for (second, version) in [(9, 0), (10, 1), (19, 1), (20, 4), (29, 4), (30, 6), (99, 6)] {
            assert_eq!(history.version_at(at(second)), version, "at {second}");
        }
    }

    #[test]
    fn a_clock_that_goes_back_hides_nothing_that_came_before() {
        let history = history(&[(1, 10), (1, 25), (1, 20), (1, 30)]);
        for (second, version) in [(10, 1), (19, 1), (20, 3), (25, 3), (30, 4)] {
            assert_eq!(history.version_at(at(second)), version, "at {second}");
        }
    }
}
