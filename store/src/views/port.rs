use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::Value;

use crate::{Consistency, Segment, StoreError};

/// The primary key of a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey {
    /// Begins with the tenant.
    pub partition: String,
    /// Tells the rows of one partition apart.
    pub sort: String,
}

/// The secondary indexes of the view table. What they mean is each view's own affair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Index {
    /// `GSI1`
    First,
    /// `GSI2`
    Second,
    /// `GSI3`: sparse, for it holds the rows that are parked and nothing else.
    Parked,
}

impl Index {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::First => "GSI1",
            Self::Second => "GSI2",
            Self::Parked => "GSI3",
        }
    }
}

/// A row's place in an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexKey {
    /// Begins with the tenant.
    pub partition: String,
    /// Sorts the rows of the partition.
    pub sort: String,
}

/// A row of a view: what it shows, and how far into its aggregate's history it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Where it is.
    pub key: RowKey,
    /// The aggregate's version it shows: always the end of a commit.
    pub version: u64,
    /// What it shows. None: a tombstone, which keeps its version so that nothing old brings it back.
    pub content: Option<Value>,
    /// Its places in the indexes. A tombstone has none, unless it is parked.
    pub indexes: Vec<(Index, IndexKey)>,
    /// Why nothing more is written to it, if that is so: an event could not be folded.
    pub parked: Option<Value>,
}

/// What becomes of a row beside the one that tells how far an aggregate is shown.
#[derive(Debug, Clone, PartialEq)]
pub enum RowChange {
    /// It is written whole, with version 0, over whatever stands there.
    Put {
        /// Where it is.
        key: RowKey,
        /// What it shows.
        content: Value,
        /// Its places in the indexes.
        indexes: Vec<(Index, IndexKey)>,
    },
    /// It is removed, if it is there.
    Delete(RowKey),
    /// Its counters change by so much; what is not there counts from zero. Such a row's content is an
    /// object of its counters, and it is never `Put`.
    Add {
        /// Where it is.
        key: RowKey,
        /// By how much each counter changes.
        counters: BTreeMap<String, i64>,
    },
}

impl RowChange {
    /// The row it changes.
    pub fn key(&self) -> &RowKey {
        match self {
            Self::Put { key, .. } | Self::Delete(key) | Self::Add { key, .. } => key,
        }
    }
}

/// The most rows one transaction may change, beside the one with the version.
pub const MAX_CHANGES: usize = 99;

/// Which end of an index a page starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Smallest sort key first.
    Ascending,
    /// Largest sort key first.
    Descending,
}

/// Where in an index partition a page ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The last row's primary key.
    pub key: RowKey,
    /// The last row's sort key in the index.
    pub sort: String,
}

/// Some rows of a partition of the table itself, or of a segment of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct RowList {
    /// In the order of their keys.
    pub rows: Vec<Row>,
    /// The last row's key, if there may be more.
    pub next: Option<RowKey>,
}

/// Some rows of an index partition.
#[derive(Debug, Clone, PartialEq)]
pub struct RowPage {
    /// In the order asked for.
    pub rows: Vec<Row>,
    /// Where the next page begins, if there may be one.
    pub next: Option<Cursor>,
}

/// Why a row was not written.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// The row is not at the version the writer had read.
    #[error("the row was written by somebody else meanwhile")]
    Conflict,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Rows of views.
#[async_trait]
pub trait ViewStore: Send + Sync {
    /// The row, or its tombstone.
    async fn get(&self, key: &RowKey, consistency: Consistency) -> Result<Option<Row>, StoreError>;

    /// Writes a row if it still is at `expected` (none: if there is no row yet). One conditional write.
    async fn put(&self, row: &Row, expected: Option<u64>) -> Result<(), PutError>;

    /// Writes a row if it still is at `expected`, and changes others with it: all or nothing.
    ///
    /// At most [`MAX_CHANGES`], each to another row; else [`StoreError::OutOfBounds`]. Without changes it
    /// is [`put`](Self::put). Price: 2 WCU for each row and KB, instead of 1.
    async fn transact(&self, row: &Row, expected: Option<u64>, changes: &[RowChange])
    -> Result<(), PutError>;

    /// Many rows at once, in the order of their keys, which may repeat; none where there is no row. At
    /// most 100 a request: more than that are more requests.
    async fn get_many(
        &self,
        keys: &[RowKey],
        consistency: Consistency,
    ) -> Result<Vec<Option<Row>>, StoreError>;

    /// At most `limit` rows of one partition of the table whose sort keys begin with `prefix`, behind
    /// `after` in that order: an earlier page's `next` of the same question. The last page may have a
    /// `next` and be followed by an empty one.
    async fn list(
        &self,
        partition: &str,
        prefix: &str,
        order: Order,
        limit: u32,
        after: Option<&RowKey>,
        consistency: Consistency,
    ) -> Result<RowList, StoreError>;

    /// At most `limit` rows of one segment of the whole table, read strongly, behind `after`. The last
    /// page may have a `next` and be followed by an empty one.
    async fn scan(&self, segment: Segment, after: Option<&RowKey>, limit: u32)
    -> Result<RowList, StoreError>;

    /// At most `limit` rows of one index partition, eventually consistent as every index is.
    async fn query(
        &self,
        index: Index,
        partition: &str,
        order: Order,
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<RowPage, StoreError>;
}
