//! The codes of errors.

use async_graphql::{Response, ServerError, Value};

/// The stable code of an error.
pub(super) fn code(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

/// Whether nothing was executed: an error at a field names the field.
pub(super) fn is_request_error(response: &Response) -> bool {
    let nowhere = |error: &ServerError| error.path.is_empty();
    response.data == Value::Null && !response.errors.is_empty() && response.errors.iter().all(nowhere)
}
