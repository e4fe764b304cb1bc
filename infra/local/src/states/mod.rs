//! State machines as Step Functions runs them: Amazon States Language in JSONata mode, standard workflows.
//!
//! [`Machine::load`] reads a definition, [`Executions`] runs it durably: at each transition and each retry a
//! [`Checkpoint`] goes to the [`Journal`], and after a crash the execution goes on from there. So a task
//! may be called twice, never not at all. The states inside a `Parallel` or a `Map` have no checkpoints
//! of their own; the whole state is run again.

mod attempt;
mod concurrent;
mod definition;
mod drive;
mod execution;
mod failure;
mod journal;
mod run;
mod service;
mod tasks;
mod template;
#[cfg(test)]
mod tests;

pub use definition::{Finding, InvalidDefinition, Machine};
pub use execution::{Checkpoint, EventKind, Execution, HistoryEvent, NewEvent, Outcome, Status};
pub use failure::Failure;
pub use journal::{Journal, JournalError, MemoryJournal, SqliteJournal};
pub use service::{Executions, Resumed, StartError, WaitError};
pub use tasks::{LambdaTasks, Tasks};
