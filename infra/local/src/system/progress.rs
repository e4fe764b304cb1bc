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

use super::SagaRun;
use crate::issuer::Issuer;
use crate::states::{Execution, Executions, HistoryEvent, JournalError};

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
    let (status, error, cause) = (execution.status, execution.error.clone(), execution.cause.clone());
    let tasks = SagaRun::new(execution, history).steps.into_iter().filter(|step| step.tries > 0);
    let steps = tasks.map(|step| Step {
        ms: step.ended_at.and_then(|ended| (ended - step.began_at).num_microseconds()).map(millis),
        error: step.error.map(|error| error.name),
        name: step.name,
    });
    Progress {
        status: serde_json::to_value(status).unwrap_or_default(),
        error,
        cause,
        steps: steps.collect(),
        last: history.last().map_or(0, |event| event.id),
    }
}

fn millis(micros: i64) -> f64 {
    micros as f64 / 1000.0
}
