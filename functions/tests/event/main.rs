//! What an event sets off: the relay, the saga, the sweep.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod catalogue;
mod failures;
mod redrive;
mod refused;
mod relay;
mod saga;
mod saga_undo;
mod sqs;
#[path = "../support/mod.rs"]
mod support;
mod sweep;
mod sweep_sagas;
