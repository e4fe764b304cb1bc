use std::error::Error;

use skafu_events::StreamId;

/// An item of the event table that does not hold a commit.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The attributes are not those of such an item.
    #[error("the item is not a commit")]
    Item(#[from] serde_dynamo::Error),
    /// An attribute is missing, or is not what it has to be.
    #[error("the item is not a commit: the attribute {0} is missing or is not what it has to be")]
    Attribute(&'static str),
    /// The payload of an event is not JSON.
    #[error("the item is not a commit: the payload of an event is not JSON")]
    Payload(#[source] serde_json::Error),
    /// The attributes contradict each other.
    #[error("the item is not a commit: {0}")]
    Inconsistent(&'static str),
}

/// What can go wrong with a table.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The table did not answer, or not in time: the same request may succeed later.
    #[error("{operation} did not succeed: the table is not available")]
    Unavailable {
        /// The request that failed.
        operation: &'static str,
        /// What the client said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A stream has a hole, even when read strongly: an operator must look.
    #[error("the stream {stream} is corrupt: version {missing} is missing")]
    CorruptStream {
        /// The stream.
        stream: StreamId,
        /// The first version that is not there.
        missing: u64,
    },
    /// An item cannot be read.
    #[error("the item {key} cannot be read")]
    Undecodable {
        /// Its key.
        key: String,
        /// What is wrong with it.
        #[source]
        source: DecodeError,
    },
    /// A payload kept outside its commit is gone or damaged: an operator must look.
    #[error("the payload {key} is missing")]
    MissingPayload {
        /// Where it should be.
        key: String,
    },
    /// The commit has no events or too many, or it or its transaction is too large.
    #[error("the commit is out of bounds: {0}")]
    OutOfBounds(String),
    /// A stream or a name occurs twice in one transaction, which has no order: a bug. Nothing was written.
    #[error("{0} occurs twice in one transaction")]
    Repeated(String),
    /// A value cannot be stored: a bug.
    #[error("a value cannot be stored")]
    Unencodable(#[source] serde_dynamo::Error),
}

impl StoreError {
    pub(crate) fn unavailable(
        operation: &'static str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Unavailable { operation, source: source.into() }
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}
