//! Answers: a GraphQL response in the media type that was agreed on, and its status.

use std::collections::BTreeMap;

use async_graphql::{Response, ServerError, Value};
use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use aws_lambda_events::http::HeaderValue;
use serde::Serialize;

use super::codes::{code, is_request_error};
use super::negotiation::MediaType;
use super::refusal::Refusal;
use crate::http;

/// A response as it is written: errors first, for whoever reads, and no `data` if nothing was executed.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, Value>,
}

/// What execution has led to.
pub(super) fn executed(media_type: MediaType, response: &Response) -> ApiGatewayV2httpResponse {
    written(media_type, status(media_type, response), response)
}

/// Why there was none.
pub(super) fn refused(media_type: MediaType, refusal: Refusal) -> ApiGatewayV2httpResponse {
    match refusal {
        Refusal::Request(error) => executed(media_type, &Response::from_errors(vec![error])),
        Refusal::Http { status, error, header } => {
            let mut answer = written(media_type, status, &Response::from_errors(vec![error]));
            if let Some((name, value)) = header {
                answer.headers.insert(name, HeaderValue::from_static(value));
            }
            answer
        }
    }
}

fn written(media_type: MediaType, status: u16, response: &Response) -> ApiGatewayV2httpResponse {
    let data = (!is_request_error(response)).then_some(&response.data);
    let body = Written { errors: &response.errors, data, extensions: &response.extensions };
    http::json(status, media_type.content_type(), &body)
}

/// Whatever was executed is 200, however little of it came out. Where nothing was, `application/json` says 200
/// all the same, for that type belongs to any server on the way, too: its clients look into the body. What is
/// no matter of the document has its own status in both.
fn status(media_type: MediaType, response: &Response) -> u16 {
    if !is_request_error(response) {
        return 200;
    }
    match (response.errors.iter().find_map(code), media_type) {
        (Some("INVALID_CONSISTENCY_TOKEN" | "CONSISTENCY_TOKEN_EXPIRED"), _) => 400,
        (Some("RETRYABLE_ERROR"), _) => 503,
        (Some("INTERNAL"), _) => 500,
        (_, MediaType::Json) => 200,
        (_, MediaType::GraphqlResponse) => 400,
    }
}
