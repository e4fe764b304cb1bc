//! State machines as Step Functions runs them: Amazon States Language in JSONata mode, standard workflows.
//!
//! [`Machine::load`] reads a definition, [`Executions`] runs it durably: at each transition and each retry a
//! [`Checkpoint`] goes to the [`Journal`], and after a crash the execution goes on from there. So a task
//! may be called twice, never not at all. The states inside a `Parallel` or a `Map` have no checkpoints
//! of their own; the whole state is run again.
//!
//! A task that waits for its token (`lambda:invoke.waitForTaskToken`) goes on waiting for the same one in a
//! later process, and its timeout still counts from its first attempt; its heartbeat, which nobody could hear
//! meanwhile, counts anew. Inside a `Parallel` or a `Map` a token is worth nothing once its process has died.

mod attempt;
mod callbacks;
mod concurrent;
mod definition;
mod drive;
mod ended;
mod execution;
mod failure;
mod functions;
mod journal;
mod run;
mod service;
mod task;
mod tasks;
mod template;
#[cfg(test)]
mod tests;
mod tokens;

pub use definition::{Finding, InvalidDefinition, Machine};
pub use ended::{EndObserver, status_change};
pub use execution::{Callback, Checkpoint, EventKind, Execution, HistoryEvent, NewEvent, Outcome, Status};
pub use failure::Failure;
pub use journal::{Journal, JournalError, MemoryJournal, SqliteJournal};
pub use service::{Executions, Resumed, StartError, WaitError};
pub use tasks::{LambdaTasks, Tasks};
pub use tokens::CallbackError;
