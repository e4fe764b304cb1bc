use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason};
use skafu_events::Commit;

use crate::dynamo::codec::{decode_commit, event_key};
use crate::{Refusal, StoreError};

const CONDITION_FAILED: &str = "ConditionalCheckFailed";
const NONE: &str = "None";

/// What an item of a transaction is for: the commit or a name of the part at that place.
pub(super) enum Part {
    Commit(usize),
    Name(usize),
}

/// The commit that stands where `commit` was to be written.
pub(super) fn collision(
    commit: &Commit,
    winner: Option<HashMap<String, AttributeValue>>,
) -> Result<Commit, StoreError> {
    let key = || format!("{} {}", commit.stream, event_key(commit.first_version));
    match winner.map(decode_commit) {
        Some(Ok(winner)) => Ok(winner),
        Some(Err(source)) => Err(StoreError::Undecodable { key: key(), source }),
        None => Err(StoreError::unavailable("PutItem", "the colliding commit was not returned")),
    }
}

/// Why a transaction was cancelled, for each of its commits. A commit's own collision counts before a
/// name's: whoever wrote it may be the very command that is being retried.
pub(super) fn refusals(
    commits: &[Commit],
    parts: &[Part],
    reasons: Vec<CancellationReason>,
) -> Result<Vec<Option<Refusal>>, StoreError> {
    let mut refusals: Vec<Option<Refusal>> = vec![None; commits.len()];
    let mut others = Vec::new();
    for (part, reason) in parts.iter().zip(reasons) {
        match (part, reason.code().unwrap_or(NONE)) {
            (_, NONE) => {}
            (Part::Commit(at), CONDITION_FAILED) => {
                refusals[*at] = Some(Refusal::Collision(Box::new(collision(&commits[*at], reason.item)?)));
            }
            (Part::Name(at), CONDITION_FAILED) => {
                refusals[*at] = refusals[*at].take().or(Some(Refusal::NameTaken));
            }
            // A conflict with another transaction, a throttle: nothing is decided, try again.
            (_, code) => others.push(code.to_owned()),
        }
    }
    if refusals.iter().any(Option::is_some) {
        return Ok(refusals);
    }
    Err(StoreError::unavailable("TransactWriteItems", others.join(", ")))
}
