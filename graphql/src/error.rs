use async_graphql::{Error, ErrorExtensions};
use skafu_domain::Denied;
use skafu_store::StoreError;

/// An error for clients: a sentence and a stable code.
pub(crate) fn coded(code: &'static str, message: &str) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

/// Says nothing of the inside; the log does.
pub(crate) fn store(error: &StoreError) -> Error {
    tracing::error!(error = error as &dyn std::error::Error, "a query failed");
    if error.is_retryable() {
        coded("RETRYABLE_ERROR", "a part of the system did not answer: try again")
    } else {
        internal()
    }
}

pub(crate) fn internal() -> Error {
    coded("INTERNAL", "something went wrong on our side")
}

pub(crate) fn denied(denied: Denied) -> Error {
    match denied {
        Denied::NotFound => coded("NOT_FOUND", "there is no such thing in your tenant"),
        Denied::Forbidden => coded("FORBIDDEN", "your role does not allow this"),
    }
}
