//! Commands as they are sent: the envelope, the catalogue of every command, and how a body is
//! checked against both before anything else happens.

mod catalogue;
mod decode;
mod id;
mod schema;

pub use catalogue::{Answer, CATALOGUE, CommandSpec, ConflictStrategy, find};
pub use decode::{DecodeError, Decoded, decode};
pub use id::{aggregate_id, body_hash, step_command_id};
