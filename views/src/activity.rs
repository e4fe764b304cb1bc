use serde::{Deserialize, Serialize};
use serde_json::json;
use skafu_events::project::{ProjectChanges, ProjectEvent};
use skafu_events::{AggregateKind, DomainEvent, Envelope, Timestamp};
use uuid::Uuid;

use crate::view::begins_commit;
use crate::{Change, FoldError, Keys, Step, View};

/// What happened to a project, command by command. It says who did what and when, never what was written:
/// no values, and nothing personal but the person's id.
///
/// Price: 4 WCU per commit (the project's row and the entry, in a transaction). No index.
#[derive(Debug)]
pub struct ActivityView;

/// What is kept of a project: how many entries there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityRow {
    /// One for each accepted command.
    pub entries: u64,
    /// When the last one was accepted.
    pub last_at: Timestamp,
}

/// One accepted command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// The project's version after it.
    pub version: u64,
    /// When it was accepted.
    pub at: Timestamp,
    /// Who asked: a `sub`, or `system:<name>`.
    pub user_id: String,
    /// The command.
    pub command_id: Uuid,
    /// The request it belongs to.
    pub correlation_id: Uuid,
    /// The types of its events, in order.
    pub events: Vec<String>,
    /// The names of the fields it changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// The failure it records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<ActivityFailure>,
}

/// Which step failed, and its error's stable code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityFailure {
    /// The saga's state.
    pub step: String,
    /// A stable code.
    pub code: String,
}

impl ActivityView {
    /// What the sort keys of a project's entries begin with; the version follows in ten digits.
    pub const ENTRIES: &'static str = "ACT#";

    /// The sort key of the entry that ends at a version.
    pub fn entry(version: u64) -> String {
        format!("{}{version:010}", Self::ENTRIES)
    }
}

impl View for ActivityView {
    const NAME: &'static str = "activity";
    const KINDS: &'static [AggregateKind] = &[AggregateKind::Project];
    type Row = ActivityRow;

    fn apply(row: Option<ActivityRow>, envelope: &Envelope) -> Result<Option<ActivityRow>, FoldError> {
        read(envelope)?;
        let mut row = match row {
            Some(row) => row,
            None => {
                FoldError::unless_first(envelope)?;
                ActivityRow { entries: 0, last_at: envelope.timestamp }
            }
        };
        row.entries += u64::from(begins_commit(envelope));
        row.last_at = envelope.timestamp;
        Ok(Some(row))
    }

    fn changes(keys: &Keys, step: Step<'_, ActivityRow>) -> Vec<Change> {
        let Some(last) = step.events.last() else { return Vec::new() };
        let mut entry = Activity {
            version: last.aggregate_version,
            at: last.timestamp,
            user_id: last.metadata.user_id.clone(),
            command_id: last.causation_id,
            correlation_id: last.correlation_id,
            events: step.events.iter().map(|event| event.event_type.clone()).collect(),
            changed: Vec::new(),
            failure: None,
        };
        // `apply` has read every one of them: what cannot be read does not get here.
        for event in step.events.iter().filter_map(|event| read(event).ok()) {
            match event {
                ProjectEvent::ProjectUpdated(updated) => entry.changed.extend(names(&updated.changes)),
                ProjectEvent::ProjectCreationFailed(failed) => {
                    let (step, code) = (failed.failed_step, failed.error.code);
                    entry.failure = Some(ActivityFailure { step, code });
                }
                _ => {}
            }
        }
        let (partition, sort) = (keys.aggregate(step.stream), Self::entry(entry.version));
        vec![Change::Put { partition, sort, content: json!(entry), places: Vec::new() }]
    }
}

fn read(envelope: &Envelope) -> Result<ProjectEvent, FoldError> {
    Ok(ProjectEvent::decode(&envelope.event_type, envelope.event_version, &envelope.data)?)
}

fn names(changes: &ProjectChanges) -> impl Iterator<Item = String> + use<> {
    let fields = [
        ("name", changes.name.is_some()),
        ("description", changes.description.is_some()),
        ("configuration", changes.configuration.is_some()),
    ];
    fields.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name.to_owned())
}
