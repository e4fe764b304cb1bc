//! Builds a new generation of a view beside the one that is shown, and checks views against their events.
//!
//! A new generation is fed like any other from the moment it is registered: to it every aggregate is just
//! a gap. What happened before is caught up by a scan of the event table, in segments side by side. Both
//! go through the same projector, so whoever comes second finds the work done.

mod check;
mod engine;
mod error;
mod handler;
mod refold;
mod rehearse;
mod segment;
mod standing;
mod verify;

pub use check::{Checked, Sampled};
pub use engine::{Begun, Rebuild};
pub use error::RebuildError;
pub use handler::{RebuildTask, TaskError};
pub use refold::{Refolded, Scope};
pub use segment::Stop;
pub use standing::{Counts, Standing};
pub use verify::{Finding, Report};
