//! What is about one machine: the process, its data directory, and the `skafu` command. Always embedded.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "what fails here fails the test")]

#[path = "../support/mod.rs"]
mod support;

mod cli;
mod dlq_cli;
mod edge;
mod kill;
mod kills;
mod process;
mod rebuild_cli;
mod restart;
mod sweep;
mod targets;
mod time_travel;
mod views_cli;
