//! What commands do, and what they refuse.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod conflicts;
mod decided;
mod manage;
mod matrix;
mod origin;
mod races;
mod refusals;
mod snapshots;
#[path = "../support/mod.rs"]
mod support;
mod templates;
