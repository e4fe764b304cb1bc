use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use skafu_events::{Commit, StreamId};

/// What the relay could not publish: a message of the queue that redrive reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum UnpublishedKey {
    /// Some commits of an aggregate.
    #[serde(rename_all = "camelCase")]
    Commits {
        /// The aggregate's stream.
        stream: StreamId,
        /// The version of the first commit's first event.
        from_version: u64,
        /// A version of the last commit: its last, unless nobody could read that commit.
        to_version: u64,
    },
    /// A record that is no commit's: what stands there as its key, for people to see.
    Record {
        /// Attributes as DynamoDB writes them: `{"PK": {"S": ..}, "SK": {"S": ..}}`.
        keys: serde_dynamo::Item,
    },
}

/// An aggregate's commits from the first that could not be published, and the record that brought it.
#[derive(Debug)]
struct Range {
    record: usize,
    from: u64,
    to: u64,
}

/// Everything of a batch that could not be published.
#[derive(Debug, Default)]
pub(super) struct Unpublished {
    streams: BTreeMap<StreamId, Range>,
    others: Vec<(usize, serde_dynamo::Item)>,
}

impl Unpublished {
    /// From that version on, the aggregate's commits are not published.
    pub fn hold(&mut self, stream: &StreamId, record: usize, version: u64) {
        let range = self.streams.entry(stream.clone());
        let range = range.or_insert(Range { record, from: version, to: version });
        range.record = range.record.min(record);
        range.from = range.from.min(version);
        range.to = range.to.max(version);
    }

    /// A record whose key names no commit.
    pub fn keep(&mut self, record: usize, keys: serde_dynamo::Item) {
        self.others.push((record, keys));
    }

    /// Whether something of the aggregate is held.
    pub fn holds(&self, stream: &StreamId) -> bool {
        self.streams.contains_key(stream)
    }

    /// What follows a commit that is held is held with it.
    pub fn extend(&mut self, commits: &[(usize, Commit)]) {
        for (_, commit) in commits {
            if let Some(range) = self.streams.get_mut(&commit.stream)
                && commit.last_version() >= range.from
            {
                range.to = range.to.max(commit.last_version());
            }
        }
    }

    /// What else could not be published.
    pub fn absorb(&mut self, other: Self) {
        for (stream, range) in other.streams {
            self.hold(&stream, range.record, range.from);
        }
        self.others.extend(other.others);
    }

    /// The first record of which something is held.
    pub fn first_record(&self) -> Option<usize> {
        let streams = self.streams.values().map(|range| range.record);
        streams.chain(self.others.iter().map(|(record, _)| *record)).min()
    }

    /// The messages: one per aggregate.
    pub fn keys(self) -> Vec<UnpublishedKey> {
        let commits = |(stream, range): (StreamId, Range)| UnpublishedKey::Commits {
            stream,
            from_version: range.from,
            to_version: range.to,
        };
        let others = self.others.into_iter().map(|(_, keys)| UnpublishedKey::Record { keys });
        self.streams.into_iter().map(commits).chain(others).collect()
    }
}
