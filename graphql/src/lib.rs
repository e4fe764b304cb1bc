//! How it is asked: the GraphQL schema over the views.

#![forbid(unsafe_code)]

mod access;
mod activity;
mod admission;
mod aliases;
mod analytics;
mod api;
mod commands;
mod consistency;
mod error;
mod joins;
mod mutation;
mod operation;
mod page;
mod project;
mod reader;
mod scalar;
mod session;
mod template;
mod user;

pub use admission::{
    MAX_ALIASES, MAX_COMPLEXITY, MAX_DEPTH, MAX_DOCUMENT_BYTES, MAX_LEVELS, MAX_NESTING, MAX_ROOT_FIELDS,
    MAX_TOKENS, read,
};
pub use api::{GraphqlApi, Settings, Viewer};
pub use commands::{AcceptedCommand, CommandFailure, CommandRequest, CommandSender, RefusedCommand};
