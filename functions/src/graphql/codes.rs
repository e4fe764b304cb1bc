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

/// Gives request errors without a code the one of their kind.
pub(super) fn named(mut response: Response) -> Response {
    if !is_request_error(&response) {
        return response;
    }
    for error in response.errors.iter_mut().filter(|error| code(error).is_none()) {
        let unclear = ["Unknown operation named", "Operation name required"];
        let unclear = unclear.iter().any(|message| error.message.starts_with(message));
        let code = if unclear { "OPERATION_NOT_FOUND" } else { "GRAPHQL_VALIDATION_FAILED" };
        error.extensions.get_or_insert_default().set("code", code);
    }
    response
}
