//! The `projections` function, deployed once per view: keeps rows in step with events.

mod error;
mod expected;
mod feed;
mod fold;
mod handler;
mod hints;
mod known;
mod outcome;
mod parked;
mod parking;
mod port;
mod projector;
mod verify;
mod views;

pub use error::ProjectError;
pub use expected::{Difference, shared};
pub use feed::{Fed, Feed};
pub use fold::{Folded, Folds, Unfoldable, fold};
pub use handler::Projections;
pub use hints::Hints;
pub use outcome::{Outcome, Tally};
pub use parked::{EventRef, Parked};
pub use parking::{PARKED_AT_RECEIVE, park_unfoldable};
pub use port::{Gate, Project};
pub use projector::Projector;
pub use verify::{Verdict, Verified};
pub use views::{UnknownView, feed, feeds};
