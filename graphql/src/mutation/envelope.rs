use async_graphql::{Enum, ID, InputObject};
use serde::Serialize;
use skafu_domain::command::ConflictStrategy as Strategy;
use uuid::Uuid;

/// What every command may carry beside what it asks for.
#[derive(InputObject, Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope {
    /// A UUID, chosen once per intent: sending it again is a retry, not a second command. One is made if it
    /// is left out, and a request that was not answered cannot be repeated safely then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command_id: Option<ID>,
    /// A UUID that follows the request through everything it touches; `commandId` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<ID>,
    /// The version of the target you have seen; the command is refused if it has moved on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_version: Option<i32>,
}

impl Envelope {
    /// Makes sure that there is an id, and returns it.
    pub fn settle(&mut self) -> ID {
        self.command_id.get_or_insert_with(|| Uuid::now_v7().into()).clone()
    }
}

/// What to do with a command whose sender has seen an older version of its target.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Serialize)]
#[graphql(remote = "Strategy", rename_items = "camelCase")]
#[serde(rename_all = "camelCase")]
pub(super) enum ConflictStrategy {
    /// Refuse it, and say what has changed.
    Reject,
    /// Accept it if nothing it changes has been changed meanwhile, field by field.
    Merge,
    /// Apply it to whatever is there now.
    LastWriteWins,
}
