//! How functions hand commands to the `commands` function.

use std::sync::Arc;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use skafu_domain::Principal;
use uuid::Uuid;

use crate::Problem;
use crate::commands::Commands;

/// A command from inside. No HTTP event decodes as one: those have other fields, and these have no more.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InternalCommand {
    /// On whose behalf.
    pub principal: Principal,
    /// The bounded context.
    pub context: String,
    /// The command's name.
    pub command: String,
    /// The body, as over HTTP.
    pub body: Value,
    /// Tokens of what its sender has written before: the answer's token goes on from them. Missing where
    /// nobody is to read after it, and then there is no token in the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Vec<String>>,
}

/// What an accepted command led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommandAnswer {
    /// The command.
    pub command_id: Uuid,
    /// Follows the request through everything it touches.
    pub correlation_id: Uuid,
    /// The target's id, as queries take it.
    pub aggregate_id: String,
    /// The target's version after the command.
    pub version: u64,
    /// With it a question sees what the command wrote. Missing where nobody asked
    /// for one, and where none can be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consistency_token: Option<String>,
}

/// What the `commands` function answers to an [`InternalCommand`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum InternalAnswer {
    /// It was accepted.
    Accepted(CommandAnswer),
    /// It was refused.
    Refused(Problem),
}

/// Why a command was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// It was refused.
    #[error("the command was refused")]
    Refused(#[from] Problem),
    /// The `commands` function did not answer: it may have been accepted all the same. Send it again.
    #[error("the commands function did not answer: {0}")]
    Unavailable(String),
}

/// Hands commands over.
#[async_trait]
pub trait CommandGateway: Send + Sync {
    /// Sends one command and waits for the answer.
    async fn send(&self, command: InternalCommand) -> Result<CommandAnswer, GatewayError>;
}

/// Hands commands over in the same process.
#[derive(Clone)]
pub struct DirectGateway(pub Arc<Commands>);

#[async_trait]
impl CommandGateway for DirectGateway {
    async fn send(&self, command: InternalCommand) -> Result<CommandAnswer, GatewayError> {
        match self.0.handle_internal(&command).await {
            InternalAnswer::Accepted(answer) => Ok(answer),
            InternalAnswer::Refused(problem) => Err(problem.into()),
        }
    }
}
