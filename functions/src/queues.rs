//! The queues that functions write to.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use serde::Serialize;

/// Why messages were not queued. Some of them may have been all the same.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The queue did not answer.
    #[error("the queue did not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The queue did not take some of the messages.
    #[error("the queue refused {refused} messages, one of them for {code}")]
    Refused {
        /// How many.
        refused: usize,
        /// What the queue says of the first.
        code: String,
    },
    /// A message cannot be written as JSON: a bug.
    #[error("a message cannot be written as JSON")]
    Unencodable(#[from] serde_json::Error),
}

/// A queue, as whoever fills it needs it.
#[async_trait]
pub trait MessageQueue: Send + Sync {
    /// Queues messages: all of them, or it fails, and some may be queued all the same. Whoever then sends
    /// them again sends some twice.
    async fn send(&self, bodies: &[String]) -> Result<(), QueueError>;
}

/// Queues one message per item, as JSON. Nothing to send is no request.
pub async fn send_all(queue: &dyn MessageQueue, items: &[impl Serialize + Sync]) -> Result<(), QueueError> {
    let bodies = items.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    if bodies.is_empty() { Ok(()) } else { queue.send(&bodies).await }
}

/// A queue in memory that keeps what it was given.
#[derive(Debug, Default)]
pub struct MemoryQueue {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    bodies: Vec<String>,
    failures: usize,
}

impl MemoryQueue {
    /// Everything queued so far.
    pub fn bodies(&self) -> Vec<String> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).bodies.clone()
    }

    /// Keeps nothing of the next so many requests, and says so.
    pub fn fail(&self, times: usize) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).failures = times;
    }
}

#[async_trait]
impl MessageQueue for MemoryQueue {
    async fn send(&self, bodies: &[String]) -> Result<(), QueueError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(left) = kept.failures.checked_sub(1) {
            kept.failures = left;
            return Err(QueueError::Unavailable("told to fail".into()));
        }
        kept.bodies.extend_from_slice(bodies);
        Ok(())
    }
}
