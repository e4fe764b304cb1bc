//! The files the page loads: GraphiQL and React as they were released, and what is our own.

use axum::{
    Router,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use sha2::{Digest, Sha256};

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// A file of the playground, as it is served.
pub(in crate::edge) struct File {
    pub(in crate::edge) path: &'static str,
    pub(in crate::edge) media_type: &'static str,
    pub(in crate::edge) bytes: &'static [u8],
}

/// All of them, 1.6 MB. `release/SOURCES.json` says where those come from that are not ours.
pub(in crate::edge) const FILES: &[File] = &[
    File {
        path: "/playground/playground.js",
        media_type: SCRIPT,
        bytes: include_bytes!("../../../assets/playground/playground.js"),
    },
    File {
        path: "/playground/playground.css",
        media_type: STYLE,
        bytes: include_bytes!("../../../assets/playground/playground.css"),
    },
    File {
        path: "/playground/graphiql.min.js",
        media_type: SCRIPT,
        bytes: include_bytes!("../../../assets/playground/release/graphiql.min.js"),
    },
    File {
        path: "/playground/graphiql.min.css",
        media_type: STYLE,
        bytes: include_bytes!("../../../assets/playground/release/graphiql.min.css"),
    },
    File {
        path: "/playground/react.production.min.js",
        media_type: SCRIPT,
        bytes: include_bytes!("../../../assets/playground/release/react.production.min.js"),
    },
    File {
        path: "/playground/react-dom.production.min.js",
        media_type: SCRIPT,
        bytes: include_bytes!("../../../assets/playground/release/react-dom.production.min.js"),
    },
];

/// One route for each; no other file can be asked for.
pub(super) fn router() -> Router {
    FILES.iter().fold(Router::new(), |router, file| {
        let tag = tag(file.bytes);
        router.route(file.path, get(move |headers: HeaderMap| async move { file.answer(&tag, &headers) }))
    })
}

impl File {
    /// Browsers keep files, but ask each time: tomorrow another version may run on this port.
    fn answer(&self, tag: &str, headers: &HeaderMap) -> Response {
        let shared = [(ETAG, tag), (CACHE_CONTROL, "no-cache"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
        if headers.get_all(IF_NONE_MATCH).iter().any(|known| names(known, tag)) {
            return (StatusCode::NOT_MODIFIED, shared.map(owned)).into_response();
        }
        (shared.map(owned), [(CONTENT_TYPE, self.media_type)], self.bytes).into_response()
    }
}

fn owned<N>((name, value): (N, &str)) -> (N, String) {
    (name, value.to_owned())
}

/// A quoted hash of what is in a file.
fn tag(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    format!("\"{}\"", hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// Whether `If-None-Match` names the tag, among others or alone.
fn names(known: &HeaderValue, tag: &str) -> bool {
    let known = known.to_str().unwrap_or_default();
    known.split(',').map(str::trim).any(|known| known.strip_prefix("W/").unwrap_or(known) == tag)
}
