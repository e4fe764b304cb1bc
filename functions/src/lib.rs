//! The Lambda functions: `commands`, `relay`, `projections`, `sweep`, `saga`, `rebuild`,
//! `catalogue` and `graphql`.
//!
//! Each is a handler that takes the event AWS sends it and the ports it needs; the short `main` of each
//! binary, and the embedded cloud of one machine, call the same handlers.

#![forbid(unsafe_code)]

pub mod aggregates;
#[cfg(feature = "aws")]
pub mod aws;
pub mod catalogue;
mod chunks;
mod clock;
pub mod command_sender;
pub mod commands;
pub mod failures;
pub mod gateway;
pub mod graphql;
pub mod http;
pub mod metrics;
pub mod mutants;
pub mod openapi;
mod payloads;
mod problem;
pub mod projections;
pub mod queues;
pub mod rebuild;
pub mod relay;
pub mod rendering;
pub mod saga;
pub mod sweep;
pub mod template_files;
pub mod templates;

pub use clock::{Clock, SystemClock};
pub use payloads::BlobPayloads;
pub use problem::Problem;
