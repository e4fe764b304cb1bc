use async_trait::async_trait;
use serde_json::{Map, Value};
use skafu_events::{Commit, RecordedEvent, StreamId, Tenant, Timestamp, event_id};
use uuid::Uuid;

use super::History;
use crate::StoreError;

/// The most events one command may make happen.
pub const MAX_EVENTS_PER_COMMIT: usize = 100;

/// The most bytes a commit may have as JSON; DynamoDB's own limit for the item is 400 KB.
pub const MAX_COMMIT_BYTES: usize = 300 * 1024;

/// How current a read must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consistency {
    /// Half the price; may miss the latest commits.
    Eventual,
    /// Sees every acknowledged commit.
    Strong,
}

/// An event that has not been written yet.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// PascalCase, past tense.
    pub event_type: String,
    /// Schema version of `data`.
    pub event_version: u32,
    /// The payload.
    pub data: Value,
}

/// A commit that has not been written yet: everything but its versions, which the store computes.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// One to [`MAX_EVENTS_PER_COMMIT`] events.
    pub events: Vec<NewEvent>,
    /// The command that causes it.
    pub command_id: Uuid,
    /// SHA-256 (hex) of the command's body.
    pub body_hash: String,
    /// Follows the request through everything it touches.
    pub correlation_id: Uuid,
    /// Who asks.
    pub user_id: String,
    /// The server's clock.
    pub timestamp: Timestamp,
    /// What else travels along.
    pub metadata: Map<String, Value>,
}

/// A name of a tenant that changes hands together with a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameClaim {
    /// The stream takes the name. Price: the commit and the reservation become one transaction, 2 WCU
    /// for each instead of 1.
    Take(String),
    /// The stream gives the name back. Refused as taken if another holds it; fine if nobody does.
    Release(String),
}

impl NameClaim {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Take(name) | Self::Release(name) => name,
        }
    }
}

/// The partition key of a name's reservation.
pub(crate) fn reservation_key(tenant: &Tenant, name: &str) -> String {
    format!("{tenant}/NAME#{name}")
}

/// Why a commit was not written. Nothing was.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else wrote the next version first: here is what they wrote.
    #[error("another commit was written first")]
    Collision(Box<Commit>),
    /// Another aggregate of the tenant holds the name.
    #[error("the name is taken")]
    NameTaken,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Streams of commits, one per aggregate.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// The whole history of a stream; empty if nothing ever happened.
    async fn load(&self, stream: &StreamId, consistency: Consistency) -> Result<History, StoreError>;

    /// Every commit after `version`, read strongly: what a reader that stands there has missed.
    async fn load_after(&self, stream: &StreamId, version: u64) -> Result<Vec<Commit>, StoreError>;

    /// Writes one commit right after the head of `history`, all of its events or none.
    ///
    /// The head comes from what was loaded, never from a client. 1 WCU per started KB; with claims,
    /// a transaction over the commit and one item per claim.
    async fn append(
        &self,
        history: &History,
        draft: Draft,
        claims: &[NameClaim],
    ) -> Result<Commit, AppendError>;
}

/// The commit that `draft` becomes after version `head`.
pub(crate) fn commit_after(stream: &StreamId, head: u64, draft: Draft) -> Result<Commit, StoreError> {
    if draft.events.is_empty() || draft.events.len() > MAX_EVENTS_PER_COMMIT {
        let count = draft.events.len();
        return Err(StoreError::OutOfBounds(format!("{count} events, not 1 to {MAX_EVENTS_PER_COMMIT}")));
    }
    let events: Vec<RecordedEvent> = (head + 1..)
        .zip(draft.events)
        .map(|(version, event)| RecordedEvent {
            event_id: event_id(stream, version),
            event_type: event.event_type,
            event_version: event.event_version,
            data: event.data,
        })
        .collect();
    let bytes: usize = events.iter().map(|event| event.data.to_string().len()).sum();
    if bytes > MAX_COMMIT_BYTES {
        return Err(StoreError::OutOfBounds(format!("{bytes} bytes of events, over {MAX_COMMIT_BYTES}")));
    }
    Ok(Commit {
        stream: stream.clone(),
        first_version: head + 1,
        events,
        command_id: draft.command_id,
        body_hash: draft.body_hash,
        correlation_id: draft.correlation_id,
        user_id: draft.user_id,
        timestamp: draft.timestamp,
        metadata: draft.metadata,
    })
}
