//! The JWT authorizer: who calls, as the functions are told.

use axum::http::{HeaderMap, header::AUTHORIZATION};
use serde_json::{Map, Value, json};

use super::problem::Problem;
use crate::issuer::Issuer;

/// The `authorizer` of a request's context; `Unauthorized` without one good token.
pub(super) fn authorize(issuer: &Issuer, headers: &HeaderMap) -> Result<Value, Problem> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let (Some(header), None) = (given.next(), given.next()) else { return Err(Problem::Unauthorized) };
    let token = header.to_str().ok().and_then(token).ok_or(Problem::Unauthorized)?;
    match issuer.verify(token) {
        Ok(claims) => Ok(json!({ "jwt": { "claims": flattened(&claims), "scopes": null } })),
        Err(error) => {
            tracing::debug!(%error, "token refused");
            Err(Problem::Unauthorized)
        }
    }
}

/// API Gateway takes the token with or without its scheme.
fn token(header: &str) -> Option<&str> {
    match header.trim().split_once(' ') {
        Some((scheme, token)) => scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()),
        None => Some(header.trim()),
    }
}

/// Claims as API Gateway hands them over: every value a text, lists as `[Admin Developer]`.
fn flattened(claims: &Map<String, Value>) -> Map<String, Value> {
    claims.iter().map(|(name, value)| (name.clone(), Value::String(flat(value)))).collect()
}

fn flat(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(flat).collect::<Vec<_>>().join(" ")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_become_texts() {
        let claims =
            json!({ "sub": "ada", "exp": 17, "email_verified": true, "one": ["A"], "two": ["A", "B"] });
        let flat = flattened(claims.as_object().unwrap());
        let texts =
            json!({ "sub": "ada", "exp": "17", "email_verified": "true", "one": "[A]", "two": "[A B]" });
        assert_eq!(Value::Object(flat), texts);
    }

    #[test]
    fn the_scheme_is_bearer_or_left_out() {
        assert_eq!(token("Bearer a.b.c"), Some("a.b.c"));
        assert_eq!(token("bearer  a.b.c"), Some("a.b.c"));
        assert_eq!(token("a.b.c"), Some("a.b.c"));
        assert_eq!(token("Basic YTpi"), None);
    }
}
