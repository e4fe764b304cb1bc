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

#[cfg(test)]
mod tests {
    use async_graphql::{PathSegment, value};
    use serde_json::json;

    use super::*;

    fn error(code: &str, path: &[&str]) -> ServerError {
        let mut error = ServerError::new("no", None);
        error.extensions.get_or_insert_default().set("code", code);
        error.path = path.iter().map(|field| PathSegment::Field((*field).to_owned())).collect();
        error
    }

    fn response(data: Value, errors: Vec<ServerError>) -> Response {
        let mut response = Response::new(data);
        response.errors = errors;
        response
    }

    #[test]
    fn a_status_tells_whether_anything_was_executed() {
        let some = || value!({ "a": 1, "b": null });
        let cases = [
            (some(), vec![], 200, 200),
            (Value::Null, vec![], 200, 200),
            (some(), vec![error("FORBIDDEN", &["b"])], 200, 200),
            (Value::Null, vec![error("FORBIDDEN", &["b"])], 200, 200),
            (Value::Null, vec![error("FORBIDDEN", &["b"]), error("OTHER", &[])], 200, 200),
            (Value::Null, vec![error("GRAPHQL_VALIDATION_FAILED", &[])], 200, 400),
            (Value::Null, vec![ServerError::new("no code", None)], 200, 400),
            (Value::Null, vec![error("INVALID_CONSISTENCY_TOKEN", &[])], 400, 400),
            (Value::Null, vec![error("CONSISTENCY_TOKEN_EXPIRED", &[])], 400, 400),
            (Value::Null, vec![error("RETRYABLE_ERROR", &[])], 503, 503),
            (Value::Null, vec![error("RETRYABLE_ERROR", &["b"])], 200, 200),
            (Value::Null, vec![error("INTERNAL", &[])], 500, 500),
        ];
        for (data, errors, json, graphql) in cases {
            let response = response(data, errors);
            let statuses = [MediaType::Json, MediaType::GraphqlResponse].map(|it| status(it, &response));
            assert_eq!(statuses, [json, graphql], "{response:?}");
        }
    }

    #[test]
    fn errors_come_first_and_data_only_if_there_was_execution() {
        let body = |response: &Response| {
            let answer = serde_json::to_value(executed(MediaType::Json, response)).unwrap();
            answer["body"].as_str().unwrap().to_owned()
        };
        let partial = response(value!({ "a": null }), vec![error("FORBIDDEN", &["a"])]);
        let text = r#"{"errors":[{"message":"no","path":["a"],"extensions":{"code":"FORBIDDEN"}}],"data":{"a":null}}"#;
        assert_eq!(body(&partial), text);
        let none = response(Value::Null, vec![error("X", &[])]);
        assert_eq!(
            body(&none),
            json!({ "errors": [{ "message": "no", "extensions": { "code": "X" } }] }).to_string()
        );
        let extended = Response::new(Value::Null).extension("consistency", value!({ "lagMs": 1 }));
        assert_eq!(body(&extended), r#"{"data":null,"extensions":{"consistency":{"lagMs":1}}}"#);
    }
}
