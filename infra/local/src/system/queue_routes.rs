//! The way to the dead letters of a running system: only it may write its queues, and only so do its
//! pollers wake up.

use skafu_store::Chain;
use std::sync::Arc;

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use skafu_functions::Problem;

use super::dead_letters::{DeadLetterError, DeadLetters};
use crate::issuer::{Issuer, Role};

/// How many messages are shown unless told otherwise.
const MOST: usize = 10;

#[derive(Deserialize)]
struct Limit {
    limit: Option<usize>,
}

/// `GET /queues`, `GET /queues/{name}?limit=N` and `POST /queues/{name}/redrive`, for administrators.
///
/// Queues hold what is of all tenants, so whoever may see one sees them all.
pub(super) fn router(dead_letters: DeadLetters, issuer: Arc<Issuer>) -> Router {
    let routes = Router::new()
        .route("/queues", get(list))
        .route("/queues/{name}", get(show))
        .route("/queues/{name}/redrive", post(redrive))
        .with_state(dead_letters);
    routes.route_layer(middleware::from_fn_with_state(issuer, only_administrators))
}

async fn list(State(dead_letters): State<DeadLetters>) -> Response {
    answer(dead_letters.list())
}

async fn show(
    State(dead_letters): State<DeadLetters>,
    Path(name): Path<String>,
    Query(Limit { limit }): Query<Limit>,
) -> Response {
    answer(dead_letters.show(&name, limit.unwrap_or(MOST)))
}

async fn redrive(State(dead_letters): State<DeadLetters>, Path(name): Path<String>) -> Response {
    answer(dead_letters.redrive(&name))
}

async fn only_administrators(State(issuer): State<Arc<Issuer>>, request: Request, next: Next) -> Response {
    match is_administrator(&issuer, request.headers()) {
        None => refuse(&Problem::unauthorized()),
        Some(false) => {
            let detail = "only administrators see queues: skafu token --role admin";
            refuse(&Problem::new(403, "FORBIDDEN", "Not allowed", detail))
        }
        Some(true) => next.run(request).await,
    }
}

/// Whether the caller is one; none without a valid token.
fn is_administrator(issuer: &Issuer, headers: &HeaderMap) -> Option<bool> {
    let token = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    let claims = issuer.verify(token).ok()?;
    let groups = claims.get("cognito:groups").and_then(Value::as_array);
    Some(groups.is_some_and(|groups| groups.iter().any(|group| group == Role::Admin.as_str())))
}

fn answer<T: Serialize>(result: Result<T, DeadLetterError>) -> Response {
    match result {
        Ok(answer) => Json(answer).into_response(),
        Err(error @ DeadLetterError::Unknown { .. }) => {
            refuse(&Problem::new(404, "UNKNOWN_QUEUE", "No such queue", error.to_string()))
        }
        Err(DeadLetterError::Queue(error)) => {
            tracing::error!(error = %Chain(&error), "dead letters cannot be read");
            refuse(&Problem::internal())
        }
    }
}

fn refuse(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(problem)).into_response()
}
