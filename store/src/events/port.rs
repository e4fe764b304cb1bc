use async_trait::async_trait;
use serde_json::{Map, Value};
use skafu_events::{Commit, StreamId, Tenant, Timestamp};
use uuid::Uuid;

use super::{History, ScanPage, ScanPosition, Segment, Snapshot};
use crate::StoreError;

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
    /// One to [`MAX_EVENTS_PER_COMMIT`](crate::MAX_EVENTS_PER_COMMIT) events.
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

/// One aggregate's part of a transaction.
#[derive(Debug, Clone)]
pub struct Append<'a> {
    /// What the decision was made on: the commit goes right after its head.
    pub history: &'a History,
    /// The commit.
    pub draft: Draft,
    /// Names that change hands with it.
    pub claims: Vec<NameClaim>,
}

/// Why one aggregate's part of a transaction was refused.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// Somebody else wrote the next version first: here is what they wrote.
    Collision(Box<Commit>),
    /// Another aggregate of the tenant holds a name it wanted.
    NameTaken,
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
    /// The table failed. Unless it is out of bounds or repeated, the commit may have been written all the same.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why no commit of a transaction was written.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    /// Some parts were refused: one entry per part, in order; none where that part was not at fault.
    #[error("the transaction was refused")]
    Refused(Vec<Option<Refusal>>),
    /// The table failed. Unless it is out of bounds or repeated, the commits may have been written all the same.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<TransactionError> for AppendError {
    /// The failure of a transaction of one part.
    fn from(error: TransactionError) -> Self {
        match error {
            TransactionError::Store(error) => Self::Store(error),
            TransactionError::Refused(parts) => match parts.into_iter().flatten().next() {
                Some(Refusal::Collision(winner)) => Self::Collision(winner),
                Some(Refusal::NameTaken) | None => Self::NameTaken,
            },
        }
    }
}

/// Streams of commits, one per aggregate.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// The whole history of a stream; empty if nothing ever happened.
    async fn load(&self, stream: &StreamId, consistency: Consistency) -> Result<History, StoreError>;

    /// The latest snapshot with that schema and what came after it; the whole history if there is none.
    /// One query, unless the tail is longer than a page.
    async fn load_latest(
        &self,
        stream: &StreamId,
        consistency: Consistency,
        schema: &str,
    ) -> Result<History, StoreError>;

    /// Every commit after `version`, read strongly: what a reader that stands there has missed.
    async fn load_after(&self, stream: &StreamId, version: u64) -> Result<Vec<Commit>, StoreError>;

    /// At most `limit` commits, newest first and read strongly: the latest, or those whose first version is
    /// below `before`. More follow if the last one's first version is above 1: it is the next `before`.
    ///
    /// The price grows with the page and not with the history. A hole in the page is
    /// [`StoreError::CorruptStream`]; one right below `before` cannot be told from a `before` too high.
    async fn page_before(
        &self,
        stream: &StreamId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Commit>, StoreError>;

    /// Writes the commits of several aggregates, each right after the head of its history: all or none.
    ///
    /// Heads come from what was loaded, never from a client. A single part without claims is one
    /// conditional put, 1 WCU per started KB; anything else a transaction at twice that. A stream or a name
    /// that occurs twice is refused as [`StoreError::Repeated`].
    async fn append_all(&self, appends: Vec<Append<'_>>) -> Result<Vec<Commit>, TransactionError>;

    /// Writes one commit: [`append_all`](Self::append_all) with one part.
    async fn append(
        &self,
        history: &History,
        draft: Draft,
        claims: &[NameClaim],
    ) -> Result<Commit, AppendError> {
        let part = Append { history, draft, claims: claims.to_vec() };
        let mut commits = self.append_all(vec![part]).await?;
        commits.pop().ok_or_else(|| StoreError::OutOfBounds("no commit to write".to_owned()).into())
    }

    /// Keeps a snapshot, unless a newer one is there. It is a copy: losing it loses nothing.
    async fn save_snapshot(&self, stream: &StreamId, snapshot: &Snapshot) -> Result<(), StoreError>;

    /// Some commits of one segment of the whole table, those of each stream in order, strongly read.
    async fn scan(
        &self,
        segment: Segment,
        after: Option<&ScanPosition>,
        limit: u32,
    ) -> Result<ScanPage, StoreError>;
}
