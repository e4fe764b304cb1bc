//! Whole commands under everything that goes wrong: a world, its clients, and what must hold afterwards.
//!
//! A seed decides the world, what clients ask for, what fails and, on one thread, who goes first.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a proof fails where its world does"
)]

mod checks;
mod clients;
mod order;
mod recorded;
mod replay;
mod vandal;
mod world;

pub use checks::check;
pub use clients::{Outcome, run};
pub use recorded::Recorded;
pub use replay::{check_names, check_retries};
pub use vandal::Vandalised;
pub use world::{Arena, NAMES, READY};
