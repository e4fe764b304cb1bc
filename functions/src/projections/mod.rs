//! The `projections` function, deployed once per view: keeps rows in step with events.

mod handler;
mod hints;
mod projector;

pub use handler::{Projections, UnknownView};
pub use projector::{Outcome, ProjectError, Projector};
