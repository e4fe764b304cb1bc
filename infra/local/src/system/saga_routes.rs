//! The executions of one project's creation, for whoever looks after it in a running system.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::Value;
use skafu_store::Chain;

use super::sagas::Sagas;
use crate::issuer::Issuer;

#[derive(Clone)]
struct Shown {
    sagas: Sagas,
    issuer: Arc<Issuer>,
}

#[derive(Deserialize)]
struct Of {
    project: String,
}

/// `GET /executions?project=ID`: those of the caller's tenant; none of a project nobody has.
pub(super) fn router(sagas: Sagas, issuer: Arc<Issuer>) -> Router {
    Router::new().route("/executions", get(list)).with_state(Shown { sagas, issuer })
}

async fn list(State(shown): State<Shown>, Query(Of { project }): Query<Of>, headers: HeaderMap) -> Response {
    let Some(tenant) = shown.tenant(&headers) else { return StatusCode::UNAUTHORIZED.into_response() };
    match shown.sagas.of(&tenant, &project) {
        Ok(runs) => Json(runs).into_response(),
        Err(error) => {
            tracing::error!(error = %Chain(&error), "executions cannot be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

impl Shown {
    /// The tenant of whoever has a valid token.
    fn tenant(&self, headers: &HeaderMap) -> Option<String> {
        let token = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
        let claims = self.issuer.verify(token).ok()?;
        claims.get("custom:tenant").and_then(Value::as_str).map(str::to_owned)
    }
}
