//! Whoever has written sees it, although no view does yet.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

#[path = "../../../store/tests/support/mod.rs"]
mod dynamo;
mod halfway;
mod lagging;
mod price;
mod race;
mod replica;
mod seen;
#[path = "../support/mod.rs"]
mod support;
mod tokens;
