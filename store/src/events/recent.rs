use std::collections::VecDeque;

use sha2::{Digest, Sha256};
use skafu_events::Commit;
use uuid::Uuid;

/// How many accepted commands a snapshot remembers: the window in which a retry is recognised after
/// the aggregate has moved on past a snapshot.
pub const REMEMBERED_COMMANDS: usize = 64;

const CALLER: usize = 12;
const BODY: usize = 8;
const ENTRY: usize = CALLER + BODY + 5 + 1;

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

/// The last commands an aggregate accepted: 26 bytes each, for a snapshot is paid for by its size.
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

    /// Remembers one more, and forgets the oldest if there are too many.
    pub fn remember(&mut self, commit: &Commit) {
        let entry = (caller_mark(commit.command_id, &commit.user_id), Accepted::from(commit));
        self.entries.push_back(entry);
        if self.entries.len() > REMEMBERED_COMMANDS {
            self.entries.pop_front();
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.entries.len() * ENTRY);
        for (caller, accepted) in &self.entries {
            bytes.extend_from_slice(caller);
            bytes.extend_from_slice(&accepted.body);
            bytes.extend_from_slice(&accepted.first_version.to_be_bytes()[3..]);
            bytes.push(accepted.events);
        }
        bytes
    }

    /// None: these are not bytes that [`to_bytes`](Self::to_bytes) made.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (entries, rest) = bytes.as_chunks::<ENTRY>();
        if !rest.is_empty() || entries.len() > REMEMBERED_COMMANDS {
            return None;
        }
        let entries = entries.iter().map(|entry| {
            let mut version = [0; 8];
            version[3..].copy_from_slice(entry.get(CALLER + BODY..ENTRY - 1)?);
            let accepted = Accepted {
                body: entry.get(CALLER..CALLER + BODY)?.try_into().ok()?,
                first_version: u64::from_be_bytes(version),
                events: *entry.last()?,
            };
            Some((entry.get(..CALLER)?.try_into().ok()?, accepted))
        });
        Some(Self { entries: entries.collect::<Option<_>>()? })
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
