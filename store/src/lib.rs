//! Where it is kept: the event store and the view table.
//!
//! Two ports, [`EventStore`] and [`ViewStore`], each with an implementation on DynamoDB and a twin in
//! memory that one contract suite holds to the same behaviour.

#![forbid(unsafe_code)]

pub mod aws;
mod dynamo;
mod error;
mod events;
mod views;

pub use dynamo::{DynamoEventStore, DynamoViewStore, decode_commit, encode_commit};
pub use error::{DecodeError, StoreError};
pub use events::{
    AppendError, Consistency, Draft, EventStore, History, MAX_COMMIT_BYTES, MAX_EVENTS_PER_COMMIT,
    MemoryEventStore, NameClaim, NewEvent,
};
pub use views::{Cursor, Index, IndexKey, MemoryViewStore, Order, PutError, Row, RowKey, RowPage, ViewStore};
