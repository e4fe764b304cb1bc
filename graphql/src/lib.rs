//! How it is asked: the GraphQL schema over the views.

#![forbid(unsafe_code)]

mod access;
mod activity;
mod aliases;
mod analytics;
mod api;
mod consistency;
mod error;
mod operation;
mod page;
mod project;
mod reader;
mod scalar;
mod template;
mod user;

pub use api::{GraphqlApi, MAX_COMPLEXITY, MAX_DEPTH, Settings, Viewer};
