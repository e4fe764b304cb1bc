//! A request as its function receives it: API Gateway's HTTP API event, payload format 2.0.

use std::{collections::BTreeMap, net::SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{
        HeaderMap, Method,
        header::{COOKIE, HOST, USER_AGENT},
        request::Parts,
    },
};
use chrono::Utc;
use serde_json::{Value, json};

use super::{body::encoded, query};

/// What the edge knows of a request beside the request itself.
pub(super) struct Known<'a> {
    /// `POST /commands/{context}/{command}`.
    pub(super) route_key: &'a str,
    pub(super) request_id: &'a str,
    /// Decoded.
    pub(super) path_parameters: BTreeMap<String, String>,
    /// From the JWT authorizer, if the route has one.
    pub(super) authorizer: Option<Value>,
}

pub(super) fn event(parts: &Parts, body: Vec<u8>, known: Known<'_>) -> Value {
    let now = Utc::now();
    let header = |name| parts.headers.get(name).map(text).unwrap_or_default();
    let host = header(HOST);
    let domain = host.rsplit_once(':').map_or(host.as_str(), |(domain, _)| domain);
    let source = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_string());
    let mut context = json!({
        "accountId": "000000000000",
        "apiId": "local",
        "domainName": domain,
        "domainPrefix": domain,
        "http": {
            // A HEAD is answered by the GET it stands for.
            "method": if parts.method == Method::HEAD { "GET" } else { parts.method.as_str() },
            "path": parts.uri.path(),
            "protocol": format!("{:?}", parts.version),
            "sourceIp": source.unwrap_or_default(),
            "userAgent": header(USER_AGENT),
        },
        "requestId": known.request_id,
        "routeKey": known.route_key,
        "stage": "$default",
        "time": now.format("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "timeEpoch": now.timestamp_millis(),
    });
    if let Some(authorizer) = known.authorizer {
        context["authorizer"] = authorizer;
    }
    let mut event = json!({
        "version": "2.0",
        "routeKey": known.route_key,
        "rawPath": parts.uri.path(),
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "headers": headers(&parts.headers),
        "requestContext": context,
        "isBase64Encoded": false,
    });
    let cookies = cookies(&parts.headers);
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    let query = query::parameters(parts.uri.query().unwrap_or_default());
    if !query.is_empty() {
        event["queryStringParameters"] = json!(query);
    }
    if !known.path_parameters.is_empty() {
        event["pathParameters"] = json!(known.path_parameters);
    }
    if !body.is_empty() {
        let (body, is_base64) = encoded(&parts.headers, body);
        event["body"] = Value::String(body);
        event["isBase64Encoded"] = Value::Bool(is_base64);
    }
    event
}

fn text(value: &axum::http::HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// Cookies have their own place in an event; values of one name are joined by commas.
fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let names = headers.keys().filter(|name| *name != COOKIE);
    let joined = names.map(|name| {
        let values = headers.get_all(name).iter().map(text).collect::<Vec<_>>();
        (name.as_str().to_owned(), values.join(","))
    });
    joined.collect()
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(COOKIE).iter().map(text).collect::<Vec<_>>();
    let cookies = values.iter().flat_map(|value| value.split(';')).map(str::trim);
    cookies.filter(|cookie| !cookie.is_empty()).map(str::to_owned).collect()
}
