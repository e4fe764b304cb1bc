//! What is measured: an event store that runs commands.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::Failure;

/// After how many events every store that has snapshots takes one.
pub const SNAPSHOT_EVERY: usize = 20;

/// The type of every event.
pub const EVENT_TYPE: &str = "DocumentEdited";

/// Which way requests go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// Through the counting proxy.
    Counting,
    /// Straight to the DynamoDB.
    Direct,
}

/// The aggregate that every store keeps: it is as small as its last event.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// How many events made it.
    pub edits: u64,
    /// What it says.
    pub text: String,
}

/// What happens to a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edited {
    /// What it says from now on.
    pub text: String,
}

impl Document {
    /// Applies one event.
    pub fn apply(&mut self, event: &Edited) {
        self.edits += 1;
        self.text.clone_from(&event.text);
    }

    /// The trivial decision: whatever the document says, it says something of that length next.
    pub fn decide(&self, events: usize, text_bytes: usize) -> Vec<Edited> {
        let letter = if self.text.starts_with('x') { "y" } else { "x" };
        vec![Edited { text: letter.repeat(text_bytes) }; events]
    }
}

/// An event store under measurement.
#[async_trait]
pub trait Subject: Send + Sync {
    /// What the table of results calls it.
    fn name(&self) -> &'static str;

    /// Whether it is in Rust, as ours is.
    fn is_rust(&self) -> bool {
        true
    }

    /// Whether it keeps snapshots.
    fn has_snapshots(&self) -> bool {
        true
    }

    /// Writes a new aggregate's history of so many events, one event per command, as commands would have
    /// left it, the last snapshot included.
    async fn seed(&self, id: &str, events: usize) -> Result<(), Failure>;

    /// One command: load, decide, append.
    async fn command(&self, via: Via, id: &str, events: usize) -> Result<(), Failure>;

    /// How many events the aggregate, loaded as a command loads it, says it had.
    async fn edits(&self, id: &str) -> Result<u64, Failure>;

    /// Runs commands one after the other, at most so long. How many, and how long it took.
    async fn run(
        &self,
        id: &str,
        events: usize,
        most: usize,
        limit: Duration,
    ) -> Result<(usize, Duration), Failure> {
        let start = Instant::now();
        for done in 0..most {
            if start.elapsed() > limit {
                return Ok((done, start.elapsed()));
            }
            self.command(Via::Direct, id, events).await?;
        }
        Ok((most, start.elapsed()))
    }
}
