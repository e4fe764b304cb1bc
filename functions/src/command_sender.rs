//! How the mutations of the GraphQL API reach the `commands` function.

use std::sync::Arc;

use async_trait::async_trait;
use skafu_graphql::{AcceptedCommand, CommandFailure, CommandRequest, CommandSender, RefusedCommand};

use crate::Problem;
use crate::gateway::{CommandGateway, GatewayError, InternalCommand};

/// Hands the commands of mutations over.
pub struct GatewaySender(pub Arc<dyn CommandGateway>);

#[async_trait]
impl CommandSender for GatewaySender {
    async fn send(&self, request: CommandRequest) -> Result<AcceptedCommand, CommandFailure> {
        let command = InternalCommand {
            principal: request.principal,
            context: request.context.to_owned(),
            command: request.command.to_owned(),
            body: request.body,
            tokens: Some(request.tokens),
        };
        match self.0.send(command).await {
            Ok(answer) => Ok(AcceptedCommand {
                command_id: answer.command_id,
                correlation_id: answer.correlation_id,
                aggregate_id: answer.aggregate_id,
                version: answer.version,
                consistency_token: answer.consistency_token,
            }),
            Err(GatewayError::Refused(problem)) => Err(CommandFailure::Refused(Box::new(refused(problem)))),
            Err(GatewayError::Unavailable(reason)) => Err(CommandFailure::Unavailable(reason)),
        }
    }
}

fn refused(it: Problem) -> RefusedCommand {
    RefusedCommand {
        status: it.status,
        code: it.code,
        message: it.detail,
        rule: it.rule,
        current_version: it.current_version,
        changed_fields: it.changed_fields,
        violations: it.violations,
    }
}
