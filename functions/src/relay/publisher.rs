use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use skafu_events::{Envelope, Timestamp};

/// One event on its way to the bus.
#[derive(Debug, Clone, PartialEq)]
pub struct BusEntry {
    /// `skafu.<context>`
    pub source: String,
    /// The event's type.
    pub detail_type: String,
    /// The event.
    pub detail: Envelope,
    /// When it happened.
    pub time: Timestamp,
}

/// Why entries were not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The bus did not answer; whether it took the entries is unknown.
    #[error("the bus did not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An entry cannot be written as JSON: a bug.
    #[error("an event cannot be written as JSON")]
    Unencodable(#[from] serde_json::Error),
}

/// The event bus, as the relay needs it.
#[async_trait]
pub trait EventPublisher: Send + Sync {
    /// Publishes the entries. The answer has one flag per entry: whether the bus took it.
    async fn publish(&self, entries: &[BusEntry]) -> Result<Vec<bool>, PublishError>;
}

/// A bus in memory that keeps what it was given.
#[derive(Debug, Default)]
pub struct MemoryBus {
    entries: Mutex<Vec<BusEntry>>,
}

impl MemoryBus {
    /// Everything published so far.
    pub fn entries(&self) -> Vec<BusEntry> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl EventPublisher for MemoryBus {
    async fn publish(&self, entries: &[BusEntry]) -> Result<Vec<bool>, PublishError> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(entries);
        Ok(vec![true; entries.len()])
    }
}
