//! The `graphql` function: answers questions over HTTP. It writes nothing.

use std::sync::Arc;

use async_graphql::{Request, Variables};
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use serde::Deserialize;
use serde_json::Value;
use skafu_graphql::{GraphqlApi, Viewer};
use skafu_store::consistency::Written;

use crate::{Problem, http};

/// The handler.
pub struct Graphql {
    api: Arc<GraphqlApi>,
}

/// A request as the GraphQL-over-HTTP specification writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Posted {
    query: String,
    #[serde(default)]
    variables: Option<serde_json::Map<String, Value>>,
    #[serde(default)]
    operation_name: Option<String>,
}

impl Graphql {
    /// A handler of one API.
    pub fn new(api: Arc<GraphqlApi>) -> Self {
        Self { api }
    }

    /// `GET` and `POST /graphql`.
    pub async fn handle(&self, request: &ApiGatewayV2httpRequest) -> ApiGatewayV2httpResponse {
        match self.answer(request).await {
            Ok(response) => http::json(status(&response), "application/json", &response),
            Err(problem) => http::refusal(&problem),
        }
    }

    async fn answer(&self, request: &ApiGatewayV2httpRequest) -> Result<async_graphql::Response, Problem> {
        let caller = http::caller(request)?;
        let method = request.request_context.http.method.as_str();
        let posted = if method == "GET" { from_query(request)? } else { from_body(request)? };
        let variables = Variables::from_json(Value::Object(posted.variables.unwrap_or_default()));
        let mut query = Request::new(posted.query).variables(variables);
        query.operation_name = posted.operation_name;
        let token = http::consistency_token(request);
        let written = match token {
            Some(token) => self.api.written(&caller.principal, token).await?,
            None => Written::default(),
        };
        let token = token.map(str::to_owned);
        let viewer = Viewer { principal: caller.principal, email: caller.email, written, token };
        Ok(self.api.execute(viewer, query).await)
    }
}

/// 200, whatever went wrong in answering, unless the request came with a token that does not count.
fn status(response: &async_graphql::Response) -> u16 {
    let refused = [Problem::invalid_consistency_token(), Problem::consistency_token_expired()];
    let is_refused = |error: &async_graphql::ServerError| {
        let code = error.extensions.as_ref().and_then(|it| it.get("code"));
        matches!(code, Some(async_graphql::Value::String(code)) if refused.iter().any(|it| it.code == *code))
    };
    if response.errors.iter().any(is_refused) { 400 } else { 200 }
}

fn malformed(detail: impl Into<String>) -> Problem {
    Problem::new(400, "MALFORMED_REQUEST", "Not a GraphQL request", detail)
}

fn from_body(request: &ApiGatewayV2httpRequest) -> Result<Posted, Problem> {
    serde_json::from_slice(&http::body(request)?).map_err(|error| malformed(error.to_string()))
}

fn from_query(request: &ApiGatewayV2httpRequest) -> Result<Posted, Problem> {
    // The event's type splits values at their commas, of which a query has many.
    let parameter = |name: &str| request.query_string_parameters.all(name).map(|parts| parts.join(","));
    let variables = parameter("variables").filter(|text| !text.is_empty());
    let variables = variables.map(|text| serde_json::from_str(&text)).transpose();
    Ok(Posted {
        query: parameter("query").ok_or_else(|| malformed("the query parameter is missing"))?,
        variables: variables.map_err(|error| malformed(format!("variables: {error}")))?,
        operation_name: parameter("operationName"),
    })
}
