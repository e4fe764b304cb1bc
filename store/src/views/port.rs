use async_trait::async_trait;
use serde_json::Value;

use crate::{Consistency, StoreError};

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
}

impl Index {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::First => "GSI1",
            Self::Second => "GSI2",
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
    /// Its places in the indexes. A tombstone has none.
    pub indexes: Vec<(Index, IndexKey)>,
}

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
