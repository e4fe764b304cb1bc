use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;
use skafu_events::project::{FailureReason, ProjectEvent};
use skafu_events::repository::RepositoryEvent;
use skafu_events::template::TemplateEvent;
use skafu_events::{AggregateKind, DomainEvent, Envelope, Timestamp};
use uuid::Uuid;

use crate::view::begins_commit;
use crate::{Change, FoldError, Keys, Step, View};

/// What the user id of whatever is no person begins with.
const SYSTEM: &str = "system:";

/// What became of a request: every commit that carries its correlation id, whatever the aggregate. How far
/// the request got follows from them: [`Operation::of`](crate::Operation::of).
///
/// Price: 4 WCU per commit (the aggregate's row and the part, in a transaction). No index.
#[derive(Debug)]
pub struct OperationView;

/// What is kept of an aggregate: how many commits it has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationRow {
    /// Whatever request they belong to.
    pub commits: u64,
    /// When the last one was accepted.
    pub last_at: Timestamp,
}

/// One commit of an operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationPart {
    /// `PROJECT#<id>`.
    pub aggregate_id: String,
    /// The aggregate's version after it.
    pub version: u64,
    /// When it was accepted.
    pub at: Timestamp,
    /// The command.
    pub command_id: Uuid,
    /// Who asked: a `sub`, or `system:<name>`.
    pub user_id: String,
    /// In order.
    pub events: Vec<OperationEvent>,
}

impl OperationPart {
    /// The parts of one person's request among all that carry its correlation id: a correlation id is
    /// anybody's to choose, and nobody's commands may pass for another's.
    ///
    /// The request is `viewer`'s if they have a part in it, else that of the person who came first. To it
    /// belong that person's commits, and what the system did to the same aggregates.
    pub fn of_request(mut parts: Vec<Self>, viewer: &str) -> Vec<Self> {
        let people = || parts.iter().filter(|part| !part.user_id.starts_with(SYSTEM));
        let first = people().min_by_key(|part| (part.at, &part.aggregate_id, part.version));
        let own = people().find(|part| part.user_id == viewer);
        let Some(person) = own.or(first).map(|part| part.user_id.clone()) else { return parts };
        let touched: BTreeSet<String> =
            people().filter(|part| part.user_id == person).map(|part| part.id().to_owned()).collect();
        parts.retain(|part| {
            part.user_id == person || (part.user_id.starts_with(SYSTEM) && touched.contains(part.id()))
        });
        parts
    }

    /// The aggregate's id without its kind: a project's repository has the project's.
    fn id(&self) -> &str {
        self.aggregate_id.split_once('#').map_or(&self.aggregate_id, |(_, id)| id)
    }
}

/// What an operation's progress needs to know of an event.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationEvent {
    /// Its type.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The attempt it speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The step that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<FailureReason>,
    /// Whether what was made is kept for another attempt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kept: bool,
    /// What was undone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compensations: Vec<String>,
    /// What the step that ended with it leaves: a revision, a hash, a place. Never the thing itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

impl OperationView {
    /// The partition of one operation's parts.
    pub fn of_correlation(keys: &Keys, correlation_id: Uuid) -> String {
        keys.within(&format!("OP#{correlation_id}"))
    }
}

impl View for OperationView {
    const NAME: &'static str = "operation";
    const KINDS: &'static [AggregateKind] = &AggregateKind::ALL;
    type Row = OperationRow;

    fn apply(row: Option<OperationRow>, envelope: &Envelope) -> Result<Option<OperationRow>, FoldError> {
        read(envelope)?;
        let mut row = match row {
            Some(row) => row,
            None => {
                FoldError::unless_first(envelope)?;
                OperationRow { commits: 0, last_at: envelope.timestamp }
            }
        };
        row.commits += u64::from(begins_commit(envelope));
        row.last_at = envelope.timestamp;
        Ok(Some(row))
    }

    fn changes(keys: &Keys, step: Step<'_, OperationRow>) -> Vec<Change> {
        let Some(last) = step.events.last() else { return Vec::new() };
        let part = OperationPart {
            aggregate_id: step.stream.aggregate_id(),
            version: last.aggregate_version,
            at: last.timestamp,
            command_id: last.causation_id,
            user_id: last.metadata.user_id.clone(),
            // `apply` has read every one of them: what cannot be read does not get here.
            events: step.events.iter().filter_map(|event| read(event).ok()).collect(),
        };
        vec![Change::Put {
            partition: Self::of_correlation(keys, last.correlation_id),
            sort: format!("{}#{:010}", part.aggregate_id, part.version),
            content: json!(part),
            places: Vec::new(),
        }]
    }
}

/// Reads an event of any kind of aggregate, and keeps what progress needs of it.
fn read(envelope: &Envelope) -> Result<OperationEvent, FoldError> {
    let Envelope { event_type, event_version, data, .. } = envelope;
    let mut kept = OperationEvent { event_type: event_type.clone(), ..OperationEvent::default() };
    let prefix = envelope.aggregate_id.split('#').next().unwrap_or_default();
    match AggregateKind::ALL.into_iter().find(|kind| kind.prefix() == prefix) {
        Some(AggregateKind::Template) => drop(TemplateEvent::decode(event_type, *event_version, data)?),
        Some(AggregateKind::Repository) => {
            kept.output = match RepositoryEvent::decode(event_type, *event_version, data)? {
                RepositoryEvent::RepositoryCreated(created) => Some(created.link.location),
                RepositoryEvent::RepositoryConfigured(configured) => Some(configured.applied.join(", ")),
                RepositoryEvent::RepositoryDeleted(_) => None,
            };
        }
        // An aggregate of no known kind has no stream, so no event can come from it.
        Some(AggregateKind::Project) | None => {
            keep(&mut kept, ProjectEvent::decode(event_type, *event_version, data)?);
        }
    }
    Ok(kept)
}

/// What progress needs of a project's event.
fn keep(kept: &mut OperationEvent, event: ProjectEvent) {
    match event {
        ProjectEvent::ProjectCreationStarted(started) => kept.attempt = Some(started.attempt),
        ProjectEvent::TemplateSelected(selected) => {
            kept.output = Some(format!("{}@{}", selected.template_id, selected.template_revision));
        }
        ProjectEvent::TemplateRendered(rendered) => kept.output = Some(rendered.bundle_sha256),
        ProjectEvent::ProjectConfigured(configured) => {
            kept.output = Some(configured.repository.initial_commit_id);
        }
        ProjectEvent::ProjectCreationFailed(failed) => {
            kept.attempt = Some(failed.attempt);
            kept.step = Some(failed.failed_step);
            kept.error = Some(failed.error);
            kept.kept = failed.kept_for_retry;
        }
        ProjectEvent::ProjectCreationCompensated(compensated) => {
            kept.attempt = Some(compensated.attempt);
            kept.compensations = compensated.compensations;
        }
        ProjectEvent::ProjectCreationRetried(retried) => kept.attempt = Some(retried.attempt),
        ProjectEvent::ProjectCreationStuck(stuck) => {
            kept.attempt = Some(stuck.attempt);
            kept.step = Some(stuck.failed_step);
            kept.error = Some(stuck.error);
        }
        ProjectEvent::ProjectCompensationRetried(retried) => kept.attempt = Some(retried.attempt),
        ProjectEvent::ProjectCreationResolved(resolved) => {
            kept.attempt = Some(resolved.attempt);
            kept.output = Some(resolved.note);
        }
        _ => {}
    }
}
