//! Where it is kept: the event store and the view table.
//!
//! Two ports, [`EventStore`] and [`ViewStore`], each with an implementation on DynamoDB and a twin in
//! memory that one contract suite holds to the same behaviour.

#![forbid(unsafe_code)]

pub mod aws;
mod chain;
pub mod consistency;
mod dynamo;
mod error;
mod events;
#[cfg(feature = "faults")]
pub mod faults;
pub mod generations;
pub mod keyring;
mod meter;
pub mod page_token;
mod views;

pub use chain::Chain;
pub use dynamo::{DynamoEventStore, DynamoViewStore, decode_commit, encode_commit};
pub use error::{DecodeError, StoreError};
pub use events::{
    Accepted, Append, AppendError, Consistency, Draft, EventStore, History, MAX_COMMIT_BYTES,
    MAX_EVENTS_PER_COMMIT, MAX_PAYLOAD_BYTES, MemoryEventStore, MemoryPayloads, NameClaim, NewEvent,
    PayloadError, PayloadStore, REMEMBERED_COMMANDS, RecentCommands, Refusal, ScanPage, ScanPosition,
    Segment, Snapshot, TransactionError,
};
pub use meter::{Consumed, CountingMeter, LogMeter, Meter};
pub use views::{
    Cursor, Index, IndexKey, MAX_CHANGES, MemoryViewStore, Order, PutError, Row, RowChange, RowKey, RowList,
    RowPage, ViewStore,
};
