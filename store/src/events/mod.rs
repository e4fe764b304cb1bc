mod commit;
mod history;
mod memory;
mod payloads;
mod port;
mod recent;
mod scan;
mod snapshot;
mod transaction;

pub use commit::{MAX_COMMIT_BYTES, MAX_EVENTS_PER_COMMIT, MAX_PAYLOAD_BYTES};
pub use history::History;
pub use memory::MemoryEventStore;
pub use payloads::{MemoryPayloads, PayloadError, PayloadStore};
pub use port::{
    Append, AppendError, Consistency, Draft, EventStore, NameClaim, NewEvent, Refusal, TransactionError,
};
pub use recent::{Accepted, REMEMBERED_COMMANDS, RecentCommands};
pub use scan::{ScanPage, ScanPosition, Segment};
pub use snapshot::Snapshot;

pub(crate) use commit::{commit_after, spilled};
pub(crate) use history::contiguous;
pub(crate) use port::reservation_key;
pub(crate) use transaction::check_transaction;
