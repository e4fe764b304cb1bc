//! The embedded cloud: what Skafu's functions need of AWS, in one process on one machine, and the
//! `skafu` command that runs it.

#![forbid(unsafe_code)]

pub mod assets;
pub mod bus;
pub mod cli;
mod client;
pub mod cloud_db;
pub mod data;
pub mod database;
pub mod edge;
pub mod invoke;
pub mod issuer;
pub mod pattern;
mod ports;
pub mod queue;
mod runtime;
pub mod stack;
pub mod states;
mod stream;
pub mod system;
