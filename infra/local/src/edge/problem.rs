//! What the edge itself answers when no function is asked: problem details (RFC 9457) with a stable `code`.

use axum::{
    body::Body,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use serde_json::json;

/// A refusal of the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    PayloadTooLarge,
    MalformedRequest,
    ForeignHost,
    Internal,
}

impl Problem {
    fn told(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Unauthorized => (
                StatusCode::UNAUTHORIZED,
                "UNAUTHORIZED",
                "a valid ID token is needed: Authorization: Bearer <token>",
            ),
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "FORBIDDEN",
                "only the page of the playground is given a token; skafu token prints one",
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "NOT_FOUND", "there is no such route"),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "METHOD_NOT_ALLOWED",
                "the route is there, but not for this method",
            ),
            Self::PayloadTooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", "a body has at most 1048576 bytes")
            }
            Self::MalformedRequest => {
                (StatusCode::BAD_REQUEST, "MALFORMED_REQUEST", "the request cannot be read")
            }
            Self::ForeignHost => (
                StatusCode::MISDIRECTED_REQUEST,
                "FOREIGN_HOST",
                "only 127.0.0.1, localhost and [::1] are served",
            ),
            Self::Internal => {
                (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "something went wrong on our side")
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, detail) = self.told();
        let title = status.canonical_reason().unwrap_or_default();
        let problem = json!({
            "type": "about:blank",
            "title": title,
            "status": status.as_u16(),
            "detail": detail,
            "code": code,
        });
        let mut response = Response::new(Body::from(problem.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self == Self::Unauthorized {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
