//! What questions are answered with.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod admission;
mod answers;
mod breaking;
mod history;
mod http;
mod joins;
mod lists;
mod matrix;
mod mutations;
mod schema;
#[path = "../support/mod.rs"]
mod support;
mod views;
