//! The whole way of an event under everything that goes wrong: writers, the table's stream, the relay, the
//! bus, a queue per view, the projectors, the redrive and the sweep.
//!
//! A seed decides what is written, what fails, and who goes first. Time is virtual on the twins. When
//! everybody is done and everything is healed, every row must be what a fresh fold of the store gives.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a proof fails where its world does"
)]

mod bus;
mod checks;
mod flights;
pub mod fragile;
mod landing;
mod mortal;
pub mod queue;
mod rebuilder;
mod slow;
mod tap;
mod workers;
mod world;
mod writers;

pub use world::{Setting, Verdict, run};
