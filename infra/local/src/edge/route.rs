//! One route: from a request through its function to a response.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{RawPathParams, Request, rejection::RawPathParamsRejection},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    answer,
    authorizer::authorize,
    body,
    event::{Known, event},
    problem::Problem,
};
use crate::{
    invoke::{FunctionFailure, Invoke},
    issuer::Issuer,
};

pub(super) struct Route {
    /// `POST /commands/{context}/{command}`.
    pub(super) key: String,
    /// The function's logical id, for the log.
    pub(super) function_id: String,
    pub(super) function: Arc<dyn Invoke>,
    /// Checks tokens; `None` leaves the route open to all.
    pub(super) issuer: Option<Arc<Issuer>>,
}

impl Route {
    pub(super) async fn answer(
        &self,
        parameters: Result<RawPathParams, RawPathParamsRejection>,
        request: Request,
    ) -> Response {
        match self.event(parameters, request).await {
            Ok((request_id, event)) => self.invoke(&request_id, event).await,
            Err(problem) => problem.into_response(),
        }
    }

    async fn event(
        &self,
        parameters: Result<RawPathParams, RawPathParamsRejection>,
        request: Request,
    ) -> Result<(String, Value), Problem> {
        let (parts, body) = request.into_parts();
        let issuer = self.issuer.as_ref();
        let authorizer = match issuer.map(|issuer| authorize(issuer, &parts.headers)).transpose() {
            Ok(authorizer) => authorizer,
            Err(problem) => {
                body::discard(&parts.headers, body).await;
                return Err(problem);
            }
        };
        let parameters = parameters.map_err(|_| Problem::MalformedRequest)?;
        let path_parameters: BTreeMap<_, _> =
            parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let body = body::read(&parts.headers, body).await?;
        let request_id = Uuid::new_v4().to_string();
        let known = Known { route_key: &self.key, request_id: &request_id, path_parameters, authorizer };
        let event = event(&parts, body, known);
        Ok((request_id, event))
    }

    async fn invoke(&self, request_id: &str, event: Value) -> Response {
        let function = Arc::clone(&self.function);
        // In a task of its own: a function ends what it began, even if its caller hangs up.
        let answer = tokio::spawn(async move { function.invoke(event).await }).await;
        let answer =
            answer.unwrap_or_else(|gone| Err(FunctionFailure::new("Runtime.ExitError", gone.to_string())));
        let reason = match answer.map(answer::response) {
            Ok(Ok(response)) => return response,
            Ok(Err(unusable)) => unusable.to_string(),
            Err(failure) => failure.to_string(),
        };
        tracing::error!(route = self.key, function = self.function_id, request_id, reason, "function failed");
        Problem::Internal.into_response()
    }
}
