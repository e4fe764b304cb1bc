use async_graphql::{Error, ErrorExtensions};
use skafu_domain::Denied;
use skafu_store::consistency::TokenError;
use skafu_store::keyring::KeysError;
use skafu_store::{Chain, StoreError};

/// An error for clients: a sentence and a stable code.
pub(crate) fn coded(code: &'static str, message: &str) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

/// Says nothing of the inside; the log does.
pub(crate) fn store(error: &StoreError) -> Error {
    tracing::error!(error = %Chain(error), "a query failed");
    if error.is_retryable() { unavailable() } else { internal() }
}

/// What the asker has written cannot be shown in this view. The log told why.
pub(crate) fn behind() -> Error {
    coded("VIEW_BEHIND", "what you have written cannot be shown here yet")
}

/// A consistency token that does not count.
pub(crate) fn token(error: &TokenError) -> Error {
    match error {
        TokenError::Forged => {
            coded("INVALID_CONSISTENCY_TOKEN", "the consistency token was not given to you: leave it out")
        }
        TokenError::Expired => {
            coded("CONSISTENCY_TOKEN_EXPIRED", "the consistency token has expired: leave it out")
        }
        TokenError::Keys(error) => keys(error),
    }
}

/// A token that can be neither made nor checked.
pub(crate) fn keys(error: &KeysError) -> Error {
    tracing::error!(error = %Chain(error), "the keys of tokens cannot be used");
    unavailable()
}

pub(crate) fn unavailable() -> Error {
    coded("RETRYABLE_ERROR", "a part of the system did not answer: try again")
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
