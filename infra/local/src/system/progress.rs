//! How far an execution is, for whoever waits for it: the local answer to `GetExecutionHistory`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;

use crate::issuer::Issuer;
use crate::states::{EventKind, Execution, Executions, HistoryEvent, JournalError};

/// How long a request waits for news.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// A task an execution has begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// The state.
    pub name: String,
    /// How long it took; none while it lasts.
    pub ms: Option<f64>,
    /// Why its last attempt failed, if it did.
    pub error: Option<String>,
}

/// How far an execution is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// `RUNNING`, `SUCCEEDED`, `FAILED` …
    pub status: Value,
    /// The error it ended with.
    pub error: Option<String>,
    /// Its cause.
    pub cause: Option<String>,
    /// The tasks it has begun, in order.
    pub steps: Vec<Step>,
    /// The id of its last event: ask for what comes after.
    pub last: u64,
}

#[derive(Clone)]
struct Watch {
    executions: Executions,
    issuer: Arc<Issuer>,
    stopped: watch::Receiver<bool>,
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: u64,
}

/// `GET /executions/{name}?after=N`: answers once there is news after event N.
pub(super) fn router(executions: Executions, issuer: Arc<Issuer>, stopped: watch::Receiver<bool>) -> Router {
    let state = Watch { executions, issuer, stopped };
    Router::new().route("/executions/{name}", get(answer)).with_state(state)
}

async fn answer(
    State(mut watch): State<Watch>,
    Path(name): Path<String>,
    Query(After { after }): Query<After>,
    headers: HeaderMap,
) -> Response {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer "));
    let Some(Ok(claims)) = token.map(|token| watch.issuer.verify(token)) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    tokio::select! {
        // Whoever ended it, and however: what is known now is the answer.
        _ = watch.executions.wait_for_more(&name, after) => {}
        _ = watch.stopped.wait_for(|stop| *stop) => {}
        () = tokio::time::sleep(LONGEST_WAIT) => {}
    }
    match watch.read(&name) {
        Ok(Some((execution, _))) if execution.input.get("tenantId") != claims.get("custom:tenant") => {
            StatusCode::NOT_FOUND.into_response()
        }
        Ok(Some((execution, history))) => Json(progress(execution, &history)).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "an execution cannot be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

impl Watch {
    fn read(&self, name: &str) -> Result<Option<(Execution, Vec<HistoryEvent>)>, JournalError> {
        let Some(execution) = self.executions.describe(name)? else { return Ok(None) };
        Ok(Some((execution, self.executions.history(name, 0)?)))
    }
}

fn progress(execution: Execution, history: &[HistoryEvent]) -> Progress {
    let mut steps: Vec<(Step, chrono::DateTime<chrono::Utc>)> = Vec::new();
    for event in history {
        let Some(state) = &event.state else { continue };
        match event.kind {
            // Tried again, or resumed, it is the same step still.
            EventKind::TaskStarted
                if !steps.iter().any(|(step, _)| step.name == *state && step.ms.is_none()) =>
            {
                let step = Step { name: state.clone(), ms: None, error: None };
                steps.push((step, event.timestamp));
            }
            EventKind::StateExited => {
                if let Some((step, entered)) = steps.iter_mut().rev().find(|(step, _)| step.name == *state) {
                    let taken = event.timestamp - *entered;
                    step.ms = taken.num_microseconds().map(|micros| micros as f64 / 1000.0);
                }
            }
            EventKind::StateFailed => {
                if let Some((step, _)) = steps.iter_mut().rev().find(|(step, _)| step.name == *state) {
                    step.error = event.detail["error"].as_str().map(str::to_owned);
                }
            }
            _ => {}
        }
    }
    Progress {
        status: serde_json::to_value(execution.status).unwrap_or_default(),
        error: execution.error,
        cause: execution.cause,
        steps: steps.into_iter().map(|(step, _)| step).collect(),
        last: history.last().map_or(0, |event| event.id),
    }
}
