use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::ConflictStrategy;

/// The body of every command.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Body<T> {
    /// Chosen by the client, once per intent: sending it again is a retry, not a second command.
    pub command_id: Uuid,
    /// Follows the request through everything it touches. Taken from `commandId` if absent.
    #[serde(default)]
    pub correlation_id: Option<Uuid>,
    /// The client's clock; informative.
    #[serde(default)]
    #[schemars(extend("format" = "date-time"))]
    #[expect(dead_code, reason = "part of the seed's envelope; the server's clock is what counts")]
    pub timestamp: Option<String>,
    /// Accepted only if it is the caller's own: identity comes from the token.
    #[serde(default)]
    pub user_id: Option<String>,
    /// The version of the target the client has seen; the command is refused if it moved on.
    #[serde(default)]
    pub expected_version: Option<u64>,
    /// What to do if it did: `reject` unless the command allows another choice.
    #[serde(default)]
    pub conflict_strategy: Option<ConflictStrategy>,
    /// What is asked for.
    pub data: T,
}
