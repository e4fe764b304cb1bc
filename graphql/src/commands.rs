//! How a mutation reaches whoever decides on commands.

use async_trait::async_trait;
use serde_json::Value;
use skafu_domain::{Principal, Violation};
use uuid::Uuid;

/// A command of one viewer.
#[derive(Debug, Clone)]
pub struct CommandRequest {
    /// On whose behalf.
    pub principal: Principal,
    /// The bounded context: `project`.
    pub context: &'static str,
    /// The command's name: `CreateProject`.
    pub command: &'static str,
    /// The body, as over HTTP.
    pub body: Value,
    /// Tokens of what the viewer has written before; the answer's token goes on from these.
    pub tokens: Vec<String>,
}

/// An accepted command.
#[derive(Debug, Clone)]
pub struct AcceptedCommand {
    /// The command.
    pub command_id: Uuid,
    /// Follows the request through everything it touches.
    pub correlation_id: Uuid,
    /// The target's id, as queries take it.
    pub aggregate_id: String,
    /// The target's version after the command.
    pub version: u64,
    /// With it a question sees what was written; none where none can be made.
    pub consistency_token: Option<String>,
}

/// A refusal that the sender can do something about.
#[derive(Debug, Clone)]
pub struct RefusedCommand {
    /// Its HTTP status over REST: what kind of refusal it is.
    pub status: u16,
    /// A stable name for programs.
    pub code: String,
    /// What happened, and the way out.
    pub message: String,
    /// The rule that forbids it.
    pub rule: Option<String>,
    /// The version the target is at, where another was expected.
    pub current_version: Option<u64>,
    /// What has changed since the version that was expected.
    pub changed_fields: Vec<String>,
    /// Everything wrong with what was sent.
    pub violations: Vec<Violation>,
}

/// Why a command was not accepted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommandFailure {
    /// It was refused. Nothing changed.
    #[error("the command was refused: {}", .0.code)]
    Refused(Box<RefusedCommand>),
    /// Nobody answered: it may have been accepted all the same. Send it again with the same id.
    #[error("the command was not answered: {0}")]
    Unavailable(String),
}

/// Sends commands of viewers. Whoever answers decides what is allowed; nothing is decided here.
#[async_trait]
pub trait CommandSender: Send + Sync {
    /// Sends one command and waits for the answer.
    async fn send(&self, request: CommandRequest) -> Result<AcceptedCommand, CommandFailure>;
}

/// Where there is nobody to send commands to.
pub(crate) struct Nobody;

#[async_trait]
impl CommandSender for Nobody {
    async fn send(&self, _: CommandRequest) -> Result<AcceptedCommand, CommandFailure> {
        Err(CommandFailure::Unavailable("nobody takes commands here".to_owned()))
    }
}
