//! What the HTTP functions share: who calls, what they sent, and how answers look.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use aws_lambda_events::http::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use skafu_domain::{Principal, Role};
use skafu_events::Tenant;

use crate::Problem;

/// The most bytes a body may have.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A signed-in person and what the token says of them beside their identity.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub principal: Principal,
    /// For the person's own eyes only; never stored, never logged.
    pub email: Option<String>,
}

/// Who calls, by the claims the API's authorizer has verified. Nothing else is believed.
pub fn caller(request: &ApiGatewayV2httpRequest) -> Result<Caller, Problem> {
    let authorizer = request.request_context.authorizer.as_ref();
    let claims = &authorizer.and_then(|it| it.jwt.as_ref()).ok_or_else(Problem::unauthorized)?.claims;
    let claim = |name: &str| claims.get(name).map(String::as_str);
    let (Some(sub), Some(tenant)) = (claim("sub"), claim("custom:tenant")) else {
        return Err(Problem::unauthorized());
    };
    let tenant = Tenant::new(tenant).map_err(|_| Problem::unauthorized())?;
    let roles = claim("cognito:groups").map(groups).unwrap_or_default();
    let principal = Principal::person(tenant, sub, roles).map_err(|_| Problem::unauthorized())?;
    Ok(Caller { principal, email: claim("email").map(str::to_owned) })
}

/// API Gateway flattens the list to one text: `[Admin Developer]`.
fn groups(claim: &str) -> Vec<Role> {
    let inner = claim.trim_start_matches('[').trim_end_matches(']');
    inner.split([' ', ',']).filter_map(|group| Role::from_group(group.trim_matches('"'))).collect()
}

/// The header in which callers send the token of what they have written.
pub const CONSISTENCY_TOKEN: &str = "x-consistency-token";

/// The consistency token that came with the request. What is no text is no token of ours either.
pub fn consistency_token(request: &ApiGatewayV2httpRequest) -> Option<&str> {
    Some(request.headers.get(CONSISTENCY_TOKEN)?.to_str().unwrap_or_default())
}

/// The request's body, decoded and within the limit.
pub fn body(request: &ApiGatewayV2httpRequest) -> Result<Vec<u8>, Problem> {
    let text = request.body.as_deref().unwrap_or_default();
    let bytes = if request.is_base64_encoded {
        STANDARD
            .decode(text)
            .map_err(|_| Problem::new(400, "MALFORMED_BODY", "Not base64", "the body is broken"))?
    } else {
        text.as_bytes().to_vec()
    };
    if bytes.len() > MAX_BODY_BYTES {
        return Err(Problem::too_large(format!("a body has at most {MAX_BODY_BYTES} bytes")));
    }
    Ok(bytes)
}

/// An answer of JSON.
pub fn json(status: u16, content_type: &str, body: &impl Serialize) -> ApiGatewayV2httpResponse {
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = i64::from(status);
    match (serde_json::to_string(body), content_type.parse()) {
        (Ok(body), Ok(content_type)) => {
            response.headers.insert("content-type", content_type);
            // Who asks again must not be shown what was before.
            response.headers.insert("cache-control", HeaderValue::from_static("no-store"));
            response.body = Some(Body::Text(body));
        }
        _ => response.status_code = 500,
    }
    response
}

/// The answer that tells a problem.
pub fn refusal(problem: &Problem) -> ApiGatewayV2httpResponse {
    json(problem.status, "application/problem+json", problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_read_as_api_gateway_writes_them() {
        assert_eq!(groups("[Developer]"), [Role::Developer]);
        assert_eq!(groups("[Admin Developer]"), [Role::Admin, Role::Developer]);
        assert_eq!(groups("Viewer"), [Role::Viewer]);
        assert_eq!(groups("[Root developer]"), []);
    }
}
