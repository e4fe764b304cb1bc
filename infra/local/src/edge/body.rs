//! Request bodies, up to the limit.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::{
        HeaderMap,
        header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT},
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures::StreamExt;

use super::problem::Problem;

/// The most bytes a body may have.
pub const MAX_BODY_BYTES: usize = 1 << 20;

/// How much of a refused body is thrown away, and for how long, so that its sender gets to read the refusal instead of
/// a reset connection.
const LINGER_BYTES: usize = 8 << 20;
const LINGER: Duration = Duration::from_secs(2);

/// Reads a body, none of one that says itself to be too large.
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Problem> {
    let mut chunks = body.into_data_stream();
    let declared = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > MAX_BODY_BYTES as u64) {
        // Who asks first has not sent anything yet.
        if !headers.contains_key(EXPECT) {
            linger(chunks);
        }
        return Err(Problem::PayloadTooLarge);
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| {
            tracing::debug!(%error, "body broke off");
            Problem::MalformedRequest
        })?;
        if bytes.len() + chunk.len() > MAX_BODY_BYTES {
            linger(chunks);
            return Err(Problem::PayloadTooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Takes in the body of a request that is refused for another reason, so that its sender can read the refusal and use
/// the connection again.
pub(super) async fn discard(headers: &HeaderMap, body: Body) {
    // Whatever is wrong with the body, the refusal stands.
    drop(tokio::time::timeout(LINGER, read(headers, body)).await);
}

fn linger(mut chunks: BodyDataStream) {
    let discard = async move {
        let mut discarded = 0;
        while let Some(Ok(chunk)) = chunks.next().await {
            discarded += chunk.len();
            if discarded > LINGER_BYTES {
                break;
            }
        }
    };
    tokio::spawn(tokio::time::timeout(LINGER, discard));
}

/// A body as it stands in an event, and whether that is Base64.
pub(super) fn encoded(headers: &HeaderMap, bytes: Vec<u8>) -> (String, bool) {
    let media_type = headers.get(CONTENT_TYPE).map(|media_type| media_type.to_str().unwrap_or_default());
    match String::from_utf8(bytes) {
        Ok(text) if media_type.is_none_or(is_text) => (text, false),
        Ok(text) => (STANDARD.encode(text), true),
        Err(error) => (STANDARD.encode(error.as_bytes()), true),
    }
}

/// The media types API Gateway passes on as text.
fn is_text(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/").unwrap_or_default();
    let is_known = ["json", "javascript", "xml", "graphql"].contains(&subtype);
    essence.starts_with("text/") || is_known || essence.ends_with("+json") || essence.ends_with("+xml")
}
