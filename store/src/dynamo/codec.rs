use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use serde_dynamo::Item;
use serde_json::{Map, Value};
use skafu_events::{Commit, RecordedEvent, StreamId, Timestamp};
use uuid::Uuid;

use crate::DecodeError;

/// What the sort keys of commits begin with.
pub(super) const EVENT_PREFIX: &str = "EVENT#";

/// The sort key of a stream's snapshot: after every commit.
pub(super) const SNAPSHOT_KEY: &str = "SNAPSHOT";

/// The sort key of the commit whose first event has this version. Ten digits sort as numbers do.
pub(super) fn event_key(first_version: u64) -> String {
    format!("{EVENT_PREFIX}{first_version:010}")
}

/// A commit as it stands in the table.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommitItem {
    #[serde(rename = "PK")]
    stream: StreamId,
    #[serde(rename = "SK")]
    sort: String,
    events: Vec<RecordedEvent>,
    aggregate_version: u64,
    command_id: Uuid,
    body_hash: String,
    correlation_id: Uuid,
    user_id: String,
    timestamp: Timestamp,
    #[serde(default)]
    metadata: Map<String, Value>,
}

/// A commit as an item of the event table: what a stream record's image of it holds.
pub fn encode_commit(commit: &Commit) -> Result<HashMap<String, AttributeValue>, serde_dynamo::Error> {
    serde_dynamo::to_item(CommitItem {
        stream: commit.stream.clone(),
        sort: event_key(commit.first_version),
        events: commit.events.clone(),
        aggregate_version: commit.last_version(),
        command_id: commit.command_id,
        body_hash: commit.body_hash.clone(),
        correlation_id: commit.correlation_id,
        user_id: commit.user_id.clone(),
        timestamp: commit.timestamp,
        metadata: commit.metadata.clone(),
    })
}

/// Reads a commit from an item of the event table, or from a stream record's image of one.
pub fn decode_commit(item: impl Into<Item>) -> Result<Commit, DecodeError> {
    let item: CommitItem = serde_dynamo::from_item(item.into())?;
    let first_version = item
        .sort
        .strip_prefix(EVENT_PREFIX)
        .and_then(|digits| digits.parse().ok())
        .ok_or(DecodeError::Inconsistent("its sort key is not that of a commit"))?;
    let commit = Commit {
        stream: item.stream,
        first_version,
        events: item.events,
        command_id: item.command_id,
        body_hash: item.body_hash,
        correlation_id: item.correlation_id,
        user_id: item.user_id,
        timestamp: item.timestamp,
        metadata: item.metadata,
    };
    if commit.events.is_empty()
        || commit.first_version == 0
        || commit.last_version() != item.aggregate_version
    {
        return Err(DecodeError::Inconsistent("its versions do not fit its events"));
    }
    Ok(commit)
}
