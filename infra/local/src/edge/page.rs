//! What the edge answers by itself: health, the key set, and a page for people.

use axum::{
    Router,
    http::header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    },
    routing::get,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use sha2::{Digest, Sha256};

const PAGE: &str = include_str!("page.html");
const JSON: &str = "application/json";

/// The paths taken, which no function can have.
pub(super) const PATHS: &[&str] = &["/", "/health", "/.well-known/jwks.json"];

pub(super) fn router(jwks: &Value) -> Router {
    let jwks = jwks.to_string();
    let policy = content_security_policy();
    let page = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    Router::new()
        .route("/", get(move || async move { (page, PAGE) }))
        .route(
            "/health",
            get(|| async { ([(CONTENT_TYPE, JSON), (CACHE_CONTROL, "no-store")], r#"{"status":"ok"}"#) }),
        )
        .route("/.well-known/jwks.json", get(move || async move { ([(CONTENT_TYPE, JSON)], jwks) }))
}

/// Nothing may be loaded or sent; the page's one style sheet is known by its hash.
fn content_security_policy() -> String {
    let style = PAGE.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>"));
    let hash = STANDARD.encode(Sha256::digest(style.map_or("", |(style, _)| style)));
    let rest = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    format!("default-src 'none'; style-src 'sha256-{hash}'; {rest}")
}
