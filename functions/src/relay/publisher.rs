use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::Value;
use sha2::{Digest, Sha256};
use skafu_events::{Commit, DataRef, Envelope, Timestamp};
use skafu_store::MAX_PAYLOAD_BYTES;

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

impl BusEntry {
    /// The events of a commit, in order.
    pub fn of(commit: &Commit) -> impl Iterator<Item = Self> + '_ {
        let source = format!("skafu.{}", commit.stream.kind().context());
        commit.envelopes().map(move |envelope| Self {
            source: source.clone(),
            detail_type: envelope.event_type.clone(),
            time: envelope.timestamp,
            detail: by_reference(envelope),
        })
    }

    /// What it weighs on the bus, near enough, in bytes: its payload and what is around it.
    pub fn weight(&self) -> usize {
        const AROUND: usize = 1024;
        AROUND + self.detail.data.to_string().len()
    }
}

/// A store hands payloads out that the bus would not take. They were kept outside the commit, by their
/// content, when it was written.
fn by_reference(mut envelope: Envelope) -> Envelope {
    let text = envelope.data.to_string();
    if text.len() > MAX_PAYLOAD_BYTES {
        let sha256 = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
        envelope.data_ref = Some(DataRef { sha256, size: text.len() as u64 });
        envelope.data = Value::Null;
    }
    envelope
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
