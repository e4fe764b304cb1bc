//! The playground: GraphiQL on the API of this machine, for people, with a token of this machine's issuer.

mod files;
mod page;
mod token;

#[cfg(test)]
pub(super) use files::FILES;

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    routing::{get, post},
};

use crate::issuer::Issuer;

/// Where its page is. Whatever is below that path belongs to it.
const ROOT: &str = "/playground";

/// The page, what it loads, and where it gets its token.
pub(super) fn router(issuer: &Arc<Issuer>) -> Router {
    let issuer = Arc::clone(issuer);
    let give = move |request: Request| async move { token::give(&issuer, &request) };
    files::router().route(ROOT, get(|| async { page::page() })).route("/playground/token", post(give))
}

/// Whether a path is the playground's.
pub(super) fn owns(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
