//! The system from outside, on the target that `SKAFU_TARGET` names: the same tests, the same assertions.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "what fails here fails the test")]

#[path = "../support/mod.rs"]
mod support;

mod attempts;
mod conflicts;
mod creation;
mod dead_letters;
mod hostile_tokens;
mod kill;
mod mutations;
mod parked;
mod read_your_writes;
mod refusals;
mod time_travel;
