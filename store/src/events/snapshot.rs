use serde_json::Value;

use super::RecentCommands;

/// A copy of an aggregate's state at the end of a commit, so that older commits need not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The version it shows.
    pub version: u64,
    /// What tells which code can use it: a hash that changes with the state's form and with the fold.
    pub schema: String,
    /// The state.
    pub state: Value,
    /// The last commands the aggregate accepted.
    pub recent: RecentCommands,
}
