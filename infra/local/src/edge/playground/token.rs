//! A developer's token for the page of the playground, and for nobody else in a browser.
//!
//! Programs on this machine are another matter: they can say what a browser would say. They reach the tables, which
//! listen on this machine as well, without any token.

use std::{net::SocketAddr, time::Duration};

use axum::{
    extract::{ConnectInfo, Request},
    http::{
        HeaderMap,
        header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{
    edge::problem::Problem,
    issuer::{Issuer, Role, TokenRequest},
};

/// Whom it is for: the one that `skafu new` acts as unless it is told otherwise, in the same tenant.
const CALLER: &str = "local";
const LIFETIME: Duration = Duration::from_secs(3600);

/// What browsers say of a request that a script of the page itself makes. Scripts cannot set these.
const OWN_SCRIPT: [(&str, &str); 3] =
    [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];

/// What proxies add. Theirs come from this machine, whoever stands behind them.
const BY_PROXY: [&str; 5] = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/// A token and how many seconds it is valid, if the request was made by the page, on this machine. That the host has
/// a name of this machine was seen to before.
pub(super) fn give(issuer: &Issuer, request: &Request) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let is_near = peer.is_some_and(|peer| peer.0.ip().is_loopback());
    if !is_near || !is_by_the_page(request.headers()) {
        return Problem::Forbidden.into_response();
    }
    let wanted = TokenRequest {
        user: CALLER.to_owned(),
        tenant: CALLER.to_owned(),
        role: Role::Developer,
        email: None,
        lifetime: LIFETIME,
    };
    match issuer.token(&wanted) {
        Ok(token) => {
            let headers = [
                (CONTENT_TYPE, "application/json"),
                (CACHE_CONTROL, "no-store"),
                (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            let body = json!({ "token": token, "expiresIn": LIFETIME.as_secs() });
            (headers, body.to_string()).into_response()
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the playground gets no token");
            Problem::Internal.into_response()
        }
    }
}

/// A page elsewhere can have a browser send the same request, but not under this origin. A proxy can give it this
/// host, but then the origin is not that of the host.
fn is_by_the_page(headers: &HeaderMap) -> bool {
    let only = |name: &str| {
        let mut values = headers.get_all(name).iter();
        values.next().filter(|_| values.next().is_none())?.to_str().ok()
    };
    let is_own = OWN_SCRIPT.iter().all(|(name, value)| only(name) == Some(*value));
    let here = only("host").map(|host| format!("http://{host}"));
    let is_here = here.is_some_and(|here| only("origin") == Some(here.as_str()));
    is_own && is_here && !BY_PROXY.iter().any(|name| headers.contains_key(*name))
}
