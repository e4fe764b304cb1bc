use std::sync::Arc;

use async_graphql::{Context, Error, ErrorExtensions, Result};
use serde::Serialize;
use skafu_events::{AggregateKind, StreamId};

use super::envelope::{ConflictStrategy, Envelope};
use super::refused::CommandError;
use crate::api::Viewer;
use crate::commands::{AcceptedCommand, CommandFailure, CommandRequest, CommandSender};
use crate::error::{internal, unavailable};
use crate::session::Session;

/// One command, ready to be sent.
pub(super) struct Sent<D> {
    /// What it is for.
    pub kind: AggregateKind,
    /// Its name.
    pub command: &'static str,
    /// What it carries beside what it asks for.
    pub envelope: Envelope,
    /// What to do if its target has moved on.
    pub conflict_strategy: Option<ConflictStrategy>,
    /// What is asked for.
    pub data: D,
}

/// The body as over REST.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a, D> {
    #[serde(flatten)]
    envelope: &'a Envelope,
    #[serde(skip_serializing_if = "Option::is_none")]
    conflict_strategy: Option<ConflictStrategy>,
    data: D,
}

/// Sends a command. What its sender can do something about is an answer; anything else is an error, which
/// tells the command's id, for it may have been accepted all the same. Its field is null then, and what other
/// commands of the request were answered stays.
pub(super) async fn send<P: From<Result<AcceptedCommand, CommandError>>>(
    context: &Context<'_>,
    mut sent: Sent<impl Serialize>,
) -> Result<Option<P>> {
    let viewer = context.data::<Viewer>()?;
    let session = context.data::<Arc<Session>>()?;
    let command_id = sent.envelope.settle();
    let (envelope, conflict_strategy) = (&sent.envelope, sent.conflict_strategy);
    let body = serde_json::to_value(Body { envelope, conflict_strategy, data: sent.data });
    let request = CommandRequest {
        principal: viewer.principal.clone(),
        context: sent.kind.context(),
        command: sent.command,
        body: body.map_err(|error| {
            tracing::error!(%error, "an input cannot be written as JSON");
            internal()
        })?,
        tokens: session.tokens(),
    };
    let answer = context.data::<Arc<dyn CommandSender>>()?.send(request).await;
    let unanswered =
        |error: Error| error.extend_with(|_, extensions| extensions.set("commandId", command_id.as_str()));
    match answer {
        Ok(accepted) => {
            let id = accepted.aggregate_id.as_str();
            match StreamId::new(viewer.principal.tenant().clone(), sent.kind, id) {
                Ok(stream) => session.wrote(stream, accepted.version, accepted.consistency_token.clone()),
                Err(error) => {
                    tracing::error!(%error, command = sent.command, "an accepted command has no target")
                }
            }
            Ok(Some(P::from(Ok(accepted))))
        }
        Err(CommandFailure::Refused(refused)) => {
            let code = refused.code.clone();
            let error = if refused.status == 503 { unavailable() } else { internal() };
            CommandError::of(*refused).map(|refused| Some(P::from(Err(refused)))).ok_or_else(|| {
                tracing::warn!(code, command = sent.command, "a command failed");
                unanswered(error)
            })
        }
        Err(CommandFailure::Unavailable(reason)) => {
            tracing::error!(reason, command = sent.command, "a command was not answered");
            Err(unanswered(unavailable()))
        }
    }
}
