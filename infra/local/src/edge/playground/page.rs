//! The page itself, and what it may load and do.

use axum::{
    http::{
        HeaderName,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const PAGE: &str = include_str!("../../../assets/playground/index.html");

/// The `style` attributes in the markup of the editor's dialog to jump to a line (Alt-G).
const STYLE_ATTRIBUTES: [&str; 2] = ["width: 10em", "color: #888"];

/// The page, made anew for each request: its nonce is good for one.
pub(super) fn page() -> Response {
    let nonce = Uuid::new_v4().simple().to_string();
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CONTENT_SECURITY_POLICY, content_security_policy(&nonce)),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (REFERRER_POLICY, "no-referrer".to_owned()),
        (CACHE_CONTROL, "no-store".to_owned()),
        // Whoever opens it in a window gets no hold of that window.
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin".to_owned()),
    ];
    (headers, PAGE.replace("{{nonce}}", &nonce)).into_response()
}

/// Nothing is allowed but what GraphiQL cannot do without. No inline script, no `eval`, no worker, no other origin.
fn content_security_policy(nonce: &str) -> String {
    let attributes =
        STYLE_ATTRIBUTES.map(|style| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(style))));
    [
        "default-src 'none'".to_owned(),
        "script-src 'self'".to_owned(),
        // It would be 'self' for want of another word.
        "worker-src 'none'".to_owned(),
        "connect-src 'self'".to_owned(),
        // The nonce: a dialog that opens keeps the page behind it from scrolling, by a style element whose text
        // depends on the window.
        format!("style-src-elem 'self' 'nonce-{nonce}'"),
        // Markup made of text, where these attributes are always the same. What is set on elements needs no leave.
        format!("style-src-attr 'unsafe-hashes' {}", attributes.join(" ")),
        // The style sheet carries its fonts and the marks below errors in itself.
        "font-src data:".to_owned(),
        "img-src data:".to_owned(),
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'".to_owned(),
    ]
    .join("; ")
}
