//! How it is asked: the GraphQL schema over the views.

#![forbid(unsafe_code)]

mod api;
mod error;
mod page;
mod project;
mod reader;
mod scalar;

pub use api::{GraphqlApi, MAX_COMPLEXITY, MAX_DEPTH, Settings, Viewer};
