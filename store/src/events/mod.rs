mod history;
mod memory;
mod port;

pub use history::History;
pub use memory::MemoryEventStore;
pub use port::{
    AppendError, Consistency, Draft, EventStore, MAX_COMMIT_BYTES, MAX_EVENTS_PER_COMMIT, NameClaim, NewEvent,
};

pub(crate) use history::contiguous;
pub(crate) use port::{commit_after, reservation_key};
