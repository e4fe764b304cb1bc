//! What is shown.
//!
//! A view is a pure fold from events to one row per aggregate, the keys under which that row is found,
//! and what else a commit changes. How rows are kept in step with events is not its business.

#![forbid(unsafe_code)]

mod change;
mod keys;
mod project;
mod view;

pub use change::{Change, Place, Placement};
pub use keys::{FIRST_GENERATION, Keys, ROW, parked};
pub use project::{ProjectRow, ProjectView};
pub use view::{FoldError, Step, View};
