//! What is shown.
//!
//! A view is a pure fold from events to one row per aggregate, and the keys under which that row is
//! found. How rows are kept in step with events is not its business.

#![forbid(unsafe_code)]

mod project;
mod view;

pub use project::{ProjectRow, ProjectView};
pub use view::{FoldError, Place, Placement, View, row_key};
