//! The `sweep` function: looks, some time after every batch of the relay, whether what happened was shown
//! and whether what should follow has begun, and makes up for it.

mod handler;
mod note;
mod parking;

pub use handler::Sweep;
pub use note::{MAX_NOTED, Noted, SweepNote};
pub use parking::{PARKED_AT_RECEIVE, park_unfoldable};
