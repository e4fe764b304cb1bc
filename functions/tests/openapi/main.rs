//! The OpenAPI document: that it is the code's, that it is one, and that what is answered is what it says.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod answers;
mod commands;
mod document;
mod schemas;
#[path = "../support/mod.rs"]
mod support;
