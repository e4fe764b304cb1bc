//! The `relay` function, deployed twice: one part publishes every commit's events on the bus, from the
//! table's stream; the other publishes again, from the table itself, what the first could not.

mod batch;
mod handler;
mod offer;
mod publisher;
mod redrive;
mod unpublished;

pub use handler::{Relay, RelayQueues};
pub use publisher::{BusEntry, EventPublisher, MemoryBus, PublishError};
pub use redrive::Redrive;
pub use unpublished::UnpublishedKey;
