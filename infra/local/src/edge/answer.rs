//! A function's answer as an HTTP response.

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE, TRANSFER_ENCODING},
    },
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

/// Why an answer is no HTTP response.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the function's answer has no usable {0}")]
pub(super) struct Unusable(&'static str);

/// The response an answer describes. An answer without `statusCode` is a body of JSON, as in API Gateway.
pub(super) fn response(answer: Value) -> Result<Response, Unusable> {
    let Some(status) = answer.get("statusCode").filter(|status| !status.is_null()) else {
        let mut response = Response::new(Body::from(answer.to_string()));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        return Ok(response);
    };
    let status = status.as_u64().and_then(|status| u16::try_from(status).ok());
    let status =
        status.and_then(|status| StatusCode::from_u16(status).ok()).filter(|status| status.as_u16() >= 200);
    let mut response = Response::new(Body::from(body(&answer)?));
    *response.status_mut() = status.ok_or(Unusable("statusCode"))?;
    let headers = response.headers_mut();
    for (name, value) in fields(&answer, "headers")? {
        put(headers, name, value)?;
    }
    for (name, values) in fields(&answer, "multiValueHeaders")? {
        for value in list(values).ok_or(Unusable("multiValueHeaders"))? {
            put(headers, name, value)?;
        }
    }
    for cookie in list(&answer["cookies"]).ok_or(Unusable("cookies"))? {
        put(headers, SET_COOKIE.as_str(), cookie)?;
    }
    // How the body travels is between the client and this server.
    [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING].iter().for_each(|name| drop(headers.remove(name)));
    Ok(response)
}

fn body(answer: &Value) -> Result<Vec<u8>, Unusable> {
    let text = match &answer["body"] {
        Value::Null => "",
        Value::String(text) => text,
        _ => return Err(Unusable("body")),
    };
    if answer["isBase64Encoded"] == true {
        STANDARD.decode(text).map_err(|_| Unusable("Base64 body"))
    } else {
        Ok(text.as_bytes().to_vec())
    }
}

fn fields<'a>(
    answer: &'a Value,
    name: &'static str,
) -> Result<impl Iterator<Item = (&'a String, &'a Value)>, Unusable> {
    match &answer[name] {
        Value::Null => Ok(None.into_iter().flat_map(Map::iter)),
        Value::Object(fields) => Ok(Some(fields).into_iter().flat_map(Map::iter)),
        _ => Err(Unusable(name)),
    }
}

fn list(value: &Value) -> Option<&[Value]> {
    if value.is_null() { Some(&[]) } else { value.as_array().map(Vec::as_slice) }
}

fn put(headers: &mut HeaderMap, name: &str, value: &Value) -> Result<(), Unusable> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => return Err(Unusable("header value")),
    };
    let name = HeaderName::try_from(name).map_err(|_| Unusable("header name"))?;
    headers.append(name, HeaderValue::try_from(text).map_err(|_| Unusable("header value"))?);
    Ok(())
}
