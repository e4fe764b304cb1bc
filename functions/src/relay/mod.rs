//! The `relay` function: publishes every commit's events on the bus, from the table's stream.

mod handler;
mod publisher;

pub use handler::Relay;
pub use publisher::{BusEntry, EventPublisher, MemoryBus, PublishError};
