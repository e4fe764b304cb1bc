//! Where executions are remembered: the port, and its two implementations.

mod memory;
mod sqlite;
#[cfg(test)]
mod tests;

pub use memory::MemoryJournal;
pub use sqlite::SqliteJournal;

use chrono::{DateTime, Utc};

use super::execution::{Checkpoint, Execution, HistoryEvent, NewEvent, Outcome};
use crate::cloud_db::CloudDbError;

/// Why the journal did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// There is no running execution of this name.
    #[error("no execution named `{0}` is running")]
    NotRunning(String),
    /// The database failed; nothing was changed.
    #[error("the journal of executions could not be read or written")]
    Db(#[from] CloudDbError),
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Db(error.into())
    }
}

/// Remembers executions, their histories, and where each goes on after a crash. Every call is atomic.
pub trait Journal: Send + Sync {
    /// Begins an execution with its first events. `false`, and nothing is changed, if its name is taken.
    fn begin(&self, new: &Execution, first: &Checkpoint, events: &[NewEvent]) -> Result<bool, JournalError>;

    /// Adds events to a running execution's history and moves its checkpoint, if one is given. Returns the
    /// id of the history's last event.
    fn record(
        &self,
        name: &str,
        checkpoint: Option<&Checkpoint>,
        events: &[NewEvent],
    ) -> Result<u64, JournalError>;

    /// Ends a running execution with its last events; returns as [`record`](Self::record).
    fn finish(
        &self,
        name: &str,
        outcome: &Outcome,
        at: DateTime<Utc>,
        events: &[NewEvent],
    ) -> Result<u64, JournalError>;

    /// The execution of this name.
    fn describe(&self, name: &str) -> Result<Option<Execution>, JournalError>;

    /// Where a running execution goes on; `None` if no such one runs.
    fn checkpoint(&self, name: &str) -> Result<Option<Checkpoint>, JournalError>;

    /// All running executions, oldest first.
    fn running(&self) -> Result<Vec<Execution>, JournalError>;

    /// An execution's events with ids greater than `after`, in order; none if there is no such execution.
    fn history(&self, name: &str, after: u64) -> Result<Vec<HistoryEvent>, JournalError>;

    /// The `limit` executions begun last, newest first.
    fn list(&self, limit: usize) -> Result<Vec<Execution>, JournalError>;

    /// All executions whose names begin so, oldest first.
    fn named(&self, prefix: &str) -> Result<Vec<Execution>, JournalError>;
}
