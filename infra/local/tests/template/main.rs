//! `skafu template`, as the real binary answers it, and the sandbox it is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what fails here fails the test")]

mod hostile;
mod render;
mod sandbox;
mod sources;
mod workshop;
