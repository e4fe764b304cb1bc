use async_graphql::ServerError;
use skafu_store::Chain;

use super::documents::{DocumentId, TrustedError};
use crate::Problem;

/// Why a request is not executed.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It is no GraphQL request, or one that may not come like this: the status says so in any media type.
    Http {
        /// The HTTP status.
        status: u16,
        /// What is wrong, with its code.
        error: ServerError,
        /// A header that tells the way out.
        header: Option<(&'static str, &'static str)>,
    },
    /// It is a GraphQL request that comes to nothing: its error is one of GraphQL's own.
    Request(ServerError),
}

fn coded(code: &str, message: impl Into<String>) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_default().set("code", code);
    error
}

fn http(status: u16, code: &str, message: impl Into<String>) -> Refusal {
    Refusal::Http { status, error: coded(code, message), header: None }
}

impl Refusal {
    pub(super) fn malformed(message: impl Into<String>) -> Self {
        http(400, "MALFORMED_REQUEST", message)
    }

    pub(super) fn batch() -> Self {
        let message = "a batch of operations is not taken: send each as a request of its own, side by side, or \
                       ask for several root fields in one operation";
        http(400, "BATCH_NOT_SUPPORTED", message)
    }

    pub(super) fn not_acceptable() -> Self {
        let message =
            "answers are application/graphql-response+json or application/json, in utf-8: accept one";
        http(406, "NOT_ACCEPTABLE", message)
    }

    pub(super) fn unsupported_media_type(found: &str) -> Self {
        let message =
            format!("a body is application/json in utf-8, not encoded further; this one is {found}");
        http(415, "UNSUPPORTED_MEDIA_TYPE", message).with_header("accept-post", "application/json")
    }

    pub(super) fn method(method: &str) -> Self {
        let message = format!("GraphQL is asked by GET or POST, not by {method}");
        http(405, "METHOD_NOT_ALLOWED", message).with_header("allow", "GET, POST")
    }

    pub(super) fn mutation_by_get() -> Self {
        let message = "a mutation changes something, a GET must not: send it by POST";
        http(405, "METHOD_NOT_ALLOWED", message).with_header("allow", "POST")
    }

    pub(super) fn hash_mismatch(named: &DocumentId) -> Self {
        let message = format!("the query's SHA-256 is not {named}");
        http(400, "PERSISTED_QUERY_HASH_MISMATCH", message)
    }

    /// Clients know this very message: they send the request again, with its text.
    pub(super) fn persisted_query_not_found() -> Self {
        Self::Request(coded("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound"))
    }

    pub(super) fn not_trusted() -> Self {
        let message = "only documents of this API's manifest are executed, and this is none of them";
        Self::Request(coded("DOCUMENT_NOT_TRUSTED", message))
    }

    fn with_header(self, name: &'static str, value: &'static str) -> Self {
        match self {
            Self::Http { status, error, .. } => Self::Http { status, error, header: Some((name, value)) },
            request => request,
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        http(problem.status, &problem.code, problem.detail)
    }
}

impl From<TrustedError> for Refusal {
    fn from(error: TrustedError) -> Self {
        tracing::error!(error = %Chain(&error), "the manifest of trusted documents is not read");
        match error {
            TrustedError::Source(_) => Problem::unavailable().into(),
            TrustedError::Manifest(_) => Problem::internal().into(),
        }
    }
}
