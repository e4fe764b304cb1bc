//! What may happen: aggregates that decide and evolve, the commands they accept, and who may
//! send them. Pure: no I/O, no clock, no randomness, nothing of AWS.

#![forbid(unsafe_code)]

mod aggregate;
mod authorize;
pub mod command;
mod fields;
mod principal;
pub mod project;
mod rejection;
pub mod repository;
mod schema;
pub mod template;

#[cfg(test)]
mod given;

pub use aggregate::{Aggregate, Claim, Decision, UniqueName};
pub use authorize::{Action, Denied, Resource, authorize};
pub use fields::{changed, flatten};
pub use principal::{InvalidPrincipal, Principal, Role};
pub use rejection::{Rejection, Violation};
pub use schema::schema;
