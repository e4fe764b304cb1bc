//! How views come to be, and come to be anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod beside;
#[path = "../../../store/tests/support/mod.rs"]
mod dynamo;
mod parked;
mod price;
mod rebuild;
mod rows;
#[path = "../support/mod.rs"]
mod support;
