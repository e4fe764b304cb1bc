use std::collections::VecDeque;

use sha2::{Digest, Sha256};
use skafu_events::Commit;
use uuid::Uuid;

/// How many accepted commands a snapshot remembers: the window in which a retry is recognised after
/// the aggregate has moved on past a snapshot.
pub const REMEMBERED_COMMANDS: usize = 64;

/// Caller and command: 56 bits, so that a new command is taken for one of the 64 by chance once in 2^50.
const CALLER: usize = 7;
/// The command's body: compared only where caller and command are the same, to tell a retry from a client
/// that uses an id again. One such mistake in 2^24 is answered as if it were a retry.
const BODY: usize = 3;
const ENTRY: usize = CALLER + BODY + 1;
/// The first version of the oldest: the others follow without a gap, so that their sizes tell theirs.
const FIRST: usize = 5;

/// A command that was accepted, as far as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    body: [u8; BODY],
    first_version: u64,
    events: u8,
}

impl Accepted {
    /// The version its last event has.
    pub fn last_version(&self) -> u64 {
        self.first_version + u64::from(self.events) - 1
    }

    /// Whether the command had a body of this hash.
    pub fn had_body(&self, body_hash: &str) -> bool {
        self.body == body_mark(body_hash)
    }
}

impl From<&Commit> for Accepted {
    fn from(commit: &Commit) -> Self {
        Self {
            body: body_mark(&commit.body_hash),
            first_version: commit.first_version,
            // A commit has at most a hundred events.
            events: u8::try_from(commit.events.len()).unwrap_or(u8::MAX),
        }
    }
}

/// The last commands an aggregate accepted: 11 bytes each, for a snapshot is paid for by its size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecentCommands {
    entries: VecDeque<([u8; CALLER], Accepted)>,
}

impl RecentCommands {
    /// What a command of that id by that caller led to, if it is remembered.
    pub fn find(&self, command_id: Uuid, user_id: &str) -> Option<&Accepted> {
        let wanted = caller_mark(command_id, user_id);
        self.entries.iter().rev().find(|(caller, _)| *caller == wanted).map(|(_, accepted)| accepted)
    }

    /// Remembers one more, and forgets the oldest if there are too many: all of them, if the commit does
    /// not follow right after the last.
    pub fn remember(&mut self, commit: &Commit) {
        let last = self.entries.back().map(|(_, accepted)| accepted.last_version());
        if last.is_some_and(|last| last + 1 != commit.first_version) {
            self.entries.clear();
        }
        let entry = (caller_mark(commit.command_id, &commit.user_id), Accepted::from(commit));
        self.entries.push_back(entry);
        if self.entries.len() > REMEMBERED_COMMANDS {
            self.entries.pop_front();
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let Some((_, oldest)) = self.entries.front() else { return Vec::new() };
        let mut bytes = Vec::with_capacity(FIRST + self.entries.len() * ENTRY);
        bytes.extend_from_slice(&oldest.first_version.to_be_bytes()[8 - FIRST..]);
        for (caller, accepted) in &self.entries {
            bytes.extend_from_slice(caller);
            bytes.extend_from_slice(&accepted.body);
            bytes.push(accepted.events);
        }
        bytes
    }

    /// None: these are not bytes that [`to_bytes`](Self::to_bytes) made.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return Some(Self::default());
        }
        let (first, rest) = bytes.split_first_chunk::<FIRST>()?;
        let (chunks, rest) = rest.as_chunks::<ENTRY>();
        if !rest.is_empty() || chunks.is_empty() || chunks.len() > REMEMBERED_COMMANDS {
            return None;
        }
        let mut version = [0; 8];
        version[8 - FIRST..].copy_from_slice(first);
        let mut first_version = u64::from_be_bytes(version);
        let mut entries = VecDeque::with_capacity(chunks.len());
        for chunk in chunks {
            let (caller, rest) = chunk.split_first_chunk::<CALLER>()?;
            let (body, rest) = rest.split_first_chunk::<BODY>()?;
            let events = *rest.first().filter(|events| **events > 0)?;
            entries.push_back((*caller, Accepted { body: *body, first_version, events }));
            first_version += u64::from(events);
        }
        Some(Self { entries })
    }
}

fn caller_mark(command_id: Uuid, user_id: &str) -> [u8; CALLER] {
    let digest = Sha256::new().chain_update(command_id.as_bytes()).chain_update(user_id).finalize();
    first(&digest)
}

fn body_mark(body_hash: &str) -> [u8; BODY] {
    first(&Sha256::digest(body_hash))
}

fn first<const N: usize>(digest: &[u8]) -> [u8; N] {
    let mut mark = [0; N];
    mark.copy_from_slice(&digest[..N]);
    mark
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};
    use skafu_events::{RecordedEvent, StreamId, Timestamp, event_id};

    use super::*;

    fn commit(first_version: u64, events: u64) -> Commit {
        let stream: StreamId = "acme/PROJECT#1".parse().unwrap();
        let event = |version| RecordedEvent {
            event_id: event_id(&stream, version),
            event_type: "ProjectUpdated".to_owned(),
            event_version: 1,
            data: Value::Null,
            data_ref: None,
        };
        Commit {
            first_version,
            events: (first_version..first_version + events).map(event).collect(),
            command_id: command(first_version),
            body_hash: format!("body {first_version}"),
            correlation_id: Uuid::nil(),
            user_id: "alice".to_owned(),
            timestamp: "2025-01-18T10:30:00.000Z".parse::<Timestamp>().unwrap(),
            metadata: Map::new(),
            stream,
        }
    }

    fn command(first_version: u64) -> Uuid {
        Uuid::from_u128(first_version.into())
    }

    /// Commits of one to a hundred events, one after the other.
    fn grown(from: u64, commits: u64) -> (RecentCommands, Vec<Commit>) {
        let (mut recent, mut all, mut next) = (RecentCommands::default(), Vec::new(), from);
        for n in 0..commits {
            let commit = commit(next, n % 100 + 1);
            next = commit.last_version() + 1;
            recent.remember(&commit);
            all.push(commit);
        }
        (recent, all)
    }

    #[test]
    fn what_is_remembered_is_read_back_as_it_was() {
        for (from, commits) in [(1, 0), (1, 1), (1, 64), (9_999_999_000, 200)] {
            let (recent, all) = grown(from, commits);
            let read = RecentCommands::from_bytes(&recent.to_bytes()).unwrap();
            assert_eq!(read, recent);
            for (at, commit) in all.iter().rev().enumerate() {
                let found = read.find(commit.command_id, "alice").cloned();
                let expected = (at < REMEMBERED_COMMANDS).then(|| Accepted::from(commit));
                assert_eq!(found, expected, "the command {at} before the last");
            }
        }
    }

    #[test]
    fn a_full_memory_leaves_a_small_state_room_within_one_kilobyte() {
        assert_eq!(grown(1, 200).0.to_bytes().len(), 709);
    }

    #[test]
    fn what_does_not_follow_the_last_command_makes_the_others_forgotten() {
        let (mut recent, all) = grown(1, 3);
        let later = commit(100, 1);
        recent.remember(&later);
        assert_eq!(recent.find(all[2].command_id, "alice"), None);
        assert_eq!(recent.find(later.command_id, "alice").unwrap().last_version(), 100);
        assert_eq!(RecentCommands::from_bytes(&recent.to_bytes()), Some(recent));
    }

    #[test]
    fn other_bytes_are_no_memory() {
        let bytes = grown(1, 3).0.to_bytes();
        let without_events = [&bytes[..bytes.len() - 1], &[0]].concat();
        let too_many = [&bytes[..FIRST], &bytes[FIRST..].repeat(22)].concat();
        for damaged in [&bytes[..1], &bytes[..FIRST], &bytes[..bytes.len() - 1], &without_events, &too_many] {
            assert_eq!(RecentCommands::from_bytes(damaged), None);
        }
    }
}
