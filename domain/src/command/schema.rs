use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::Number;
use uuid::Uuid;

use super::ConflictStrategy;

/// The largest number up to which JSON means the same to everybody.
const MAX_VERSION: u64 = (1 << 53) - 1;

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
    #[serde(default, deserialize_with = "whole")]
    #[schemars(range(max = MAX_VERSION))]
    pub expected_version: Option<u64>,
    /// What to do if it did: `reject` unless the command allows another choice.
    #[serde(default)]
    pub conflict_strategy: Option<ConflictStrategy>,
    /// What is asked for.
    pub data: T,
}

/// A whole number is one however it is written: to JSON Schema, `3`, `3.0` and `3e0` are the same.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number = Option::<Number>::deserialize(deserializer)?;
    // Exact: the schema has passed, so nothing is lost behind a point or beyond the largest number.
    Ok(number.and_then(|it| it.as_u64().or_else(|| it.as_f64().map(|it| it as u64))))
}
