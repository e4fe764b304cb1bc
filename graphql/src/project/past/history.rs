use async_graphql::{Error, ID, Json, SimpleObject};
use serde_json::Value;
use skafu_events::Commit;

use crate::page;
use crate::scalar::AwsDateTime;

/// A page of more payload than this ends early: what a function answers has 6 MB at most.
const MAX_PAGE_BYTES: usize = 2 * 1024 * 1024;

/// One event, as it was stored.
#[derive(SimpleObject)]
pub(super) struct ProjectHistoryEvent {
    /// The project's version after it: 1, 2, 3 … without gaps.
    version: u64,
    /// What happened: `ProjectUpdated`.
    #[graphql(name = "type")]
    event_type: String,
    /// Schema version of `data`, from 1.
    schema_version: u32,
    /// The payload.
    data: Json<Value>,
}

/// One accepted command: who asked, when, and everything that happened by it.
#[derive(SimpleObject)]
pub(super) struct ProjectHistoryEntry {
    /// The project's version after it.
    version: u64,
    /// When it was accepted.
    at: AwsDateTime,
    /// Who asked: a person's id, or `system:<name>`.
    user_id: String,
    /// The command.
    command_id: ID,
    /// The request it belongs to: what `operation` takes.
    correlation_id: ID,
    /// What happened, in order.
    events: Vec<ProjectHistoryEvent>,
}

impl From<Commit> for ProjectHistoryEntry {
    fn from(it: Commit) -> Self {
        let version = it.last_version();
        let events = (it.first_version..).zip(it.events).map(|(version, event)| ProjectHistoryEvent {
            version,
            event_type: event.event_type,
            schema_version: event.event_version,
            data: Json(event.data),
        });
        Self {
            version,
            at: AwsDateTime(it.timestamp),
            user_id: it.user_id,
            command_id: it.command_id.into(),
            correlation_id: it.correlation_id.into(),
            events: events.collect(),
        }
    }
}

/// A part of a project's history, and where the next one begins.
#[derive(SimpleObject)]
pub(super) struct ProjectHistoryConnection {
    /// Newest first.
    pub items: Vec<ProjectHistoryEntry>,
    /// Give it back to read on; null at the end.
    pub next_token: Option<String>,
}

/// As many of the commits right below `before`, newest first, as fit on a page, and below which version the next ones
/// are. One of our own tokens leaves nothing out between.
pub(super) fn entries(
    before: Option<u64>,
    mut commits: Vec<Commit>,
) -> Result<(Vec<ProjectHistoryEntry>, Option<u64>), Error> {
    let newest = commits.first().map(Commit::last_version);
    if before.is_some_and(|before| newest.is_none_or(|newest| newest + 1 != before)) {
        return Err(page::foreign());
    }
    commits.truncate(fitting(&commits).max(1));
    let oldest = commits.last().map(|commit| commit.first_version);
    let next = oldest.filter(|first| *first > 1);
    Ok((commits.into_iter().map(Into::into).collect(), next))
}

/// How many of the commits fit on a page.
fn fitting(commits: &[Commit]) -> usize {
    let payload =
        |commit: &Commit| -> usize { commit.events.iter().map(|event| event.data.to_string().len()).sum() };
    let sums = commits.iter().scan(0, |sum, commit| {
        *sum += payload(commit);
        Some(*sum)
    });
    sums.take_while(|sum| *sum <= MAX_PAGE_BYTES).count()
}
