//! What happened.
//!
//! Every event type by context, the [`Commit`] an accepted command leaves behind, and the
//! [`Envelope`] in which each event travels over the bus. No I/O, nothing of AWS.

#![forbid(unsafe_code)]

mod commit;
mod envelope;
mod event;
pub mod golden;
mod id;
pub mod project;
pub mod repository;
mod tagged;
pub mod template;
mod time;

pub use commit::{Commit, DataRef, RecordedEvent, event_id};
pub use envelope::{Envelope, Metadata};
pub use event::{DomainEvent, UnknownEvent, Upcaster};
pub use id::{AggregateKind, InvalidId, MAX_ID_LENGTH, SHARED_TENANT, StreamId, Tenant};
pub use time::Timestamp;
