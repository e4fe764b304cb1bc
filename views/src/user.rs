use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use skafu_events::project::{ProjectEvent, ProjectStatus};
use skafu_events::{AggregateKind, DomainEvent, Envelope, StreamId, Timestamp};

use crate::{Change, FoldError, Keys, Step, View};

/// A person's projects, and how many of them stand where.
///
/// Price: 1 WCU per commit; 6 where a project begins, ends, or changes where it stands (its own row, its
/// row among its owner's, the owner's counters), and 4 where its name alone changes. No index.
#[derive(Debug)]
pub struct UserView;

/// What must be remembered of a project to keep its owner's rows right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserRow {
    /// The `sub` of its owner.
    pub owner_id: String,
    /// What its owner's list shows of it.
    #[serde(flatten)]
    pub member: Member,
}

/// One project in its owner's list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The project's id.
    pub project_id: String,
    /// As its owner wrote it.
    pub name: String,
    /// Where it stands.
    pub status: ProjectStatus,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When its name or where it stands last changed.
    pub updated_at: Timestamp,
}

/// How many projects a person has, and where they stand. Deleted ones do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the counters are named after what they count")]
pub struct Summary {
    pub projects: i64,
    pub draft: i64,
    pub configuring: i64,
    pub ready: i64,
    pub failed: i64,
    pub archived: i64,
}

impl UserView {
    /// What the sort keys of a person's projects begin with.
    pub const MEMBERS: &'static str = "PROJECT#";
    /// The sort key of a person's [`Summary`].
    pub const SUMMARY: &'static str = "SUMMARY";

    /// The partition of one person: their projects and their counters.
    pub fn of_user(keys: &Keys, user_id: &str) -> String {
        keys.within(&format!("USER#{user_id}"))
    }
}

impl View for UserView {
    const NAME: &'static str = "user";
    const KINDS: &'static [AggregateKind] = &[AggregateKind::Project];
    const SHARES_ROWS: bool = true;
    type Row = UserRow;

    fn apply(row: Option<UserRow>, envelope: &Envelope) -> Result<Option<UserRow>, FoldError> {
        let event = ProjectEvent::decode(&envelope.event_type, envelope.event_version, &envelope.data)?;
        let at = envelope.timestamp;
        let mut row = match (row, &event) {
            (_, ProjectEvent::ProjectCreated(created)) => UserRow {
                owner_id: created.owner_id.clone(),
                member: Member {
                    project_id: envelope.aggregate_id.rsplit('#').next().unwrap_or_default().to_owned(),
                    name: created.name.clone(),
                    status: ProjectStatus::Draft,
                    created_at: at,
                    updated_at: at,
                },
            },
            (Some(row), _) => row,
            (None, event) if event.may_follow_deletion() => return Ok(None),
            (None, _) => return Err(FoldError::NotBegun(envelope.event_type.clone())),
        };
        let before = (row.member.name.clone(), row.member.status);
        match event {
            ProjectEvent::ProjectCreated(_)
            | ProjectEvent::TemplateSelected(_)
            | ProjectEvent::TemplateRendered(_)
            | ProjectEvent::ProjectCreationCompensated(_)
            | ProjectEvent::ProjectCreationStuck(_)
            | ProjectEvent::ProjectCompensationRetried(_)
            | ProjectEvent::ProjectCreationResolved(_) => {}
            ProjectEvent::ProjectCreationStarted(_) | ProjectEvent::ProjectCreationRetried(_) => {
                row.member.status = ProjectStatus::Configuring;
            }
            ProjectEvent::ProjectConfigured(_) | ProjectEvent::ProjectRestored(_) => {
                row.member.status = ProjectStatus::Ready;
            }
            ProjectEvent::ProjectCreationFailed(_) => row.member.status = ProjectStatus::Failed,
            ProjectEvent::ProjectArchived(_) => row.member.status = ProjectStatus::Archived,
            ProjectEvent::ProjectUpdated(updated) => {
                row.member.name = updated.changes.name.unwrap_or(row.member.name);
            }
            ProjectEvent::ProjectDeleted(_) => return Ok(None),
        }
        if before != (row.member.name.clone(), row.member.status) {
            row.member.updated_at = at;
        }
        Ok(Some(row))
    }

    fn changes(keys: &Keys, step: Step<'_, UserRow>) -> Vec<Change> {
        let mut changes = members(keys, step.stream, step.before, step.after);
        // By owner: one person's counters change at most once, two people's where a project changes hands.
        let mut counters: BTreeMap<&str, BTreeMap<String, i64>> = BTreeMap::new();
        for (row, by) in [(step.before, -1), (step.after, 1)] {
            let Some(row) = row else { continue };
            let of_owner = counters.entry(&row.owner_id).or_default();
            for name in counted(row.member.status) {
                *of_owner.entry(name.to_owned()).or_default() += by;
            }
        }
        for (owner, mut counters) in counters {
            counters.retain(|_, by| *by != 0);
            if !counters.is_empty() {
                let (partition, sort) = (Self::of_user(keys, owner), Self::SUMMARY.to_owned());
                changes.push(Change::Add { partition, sort, counters });
            }
        }
        changes
    }
}

/// The project's place in its owner's list.
fn members(keys: &Keys, stream: &StreamId, before: Option<&UserRow>, after: Option<&UserRow>) -> Vec<Change> {
    let sort = || format!("{}{}", UserView::MEMBERS, stream.id());
    let mut changes = Vec::new();
    if let Some(left) = before.filter(|old| after.is_none_or(|new| new.owner_id != old.owner_id)) {
        changes.push(Change::Delete { partition: UserView::of_user(keys, &left.owner_id), sort: sort() });
    }
    if let Some(row) = after.filter(|new| before != Some(*new)) {
        let (content, places) = (json!(row.member), Vec::new());
        let partition = UserView::of_user(keys, &row.owner_id);
        changes.push(Change::Put { partition, sort: sort(), content, places });
    }
    changes
}

/// The counters a project in that state counts in.
fn counted(status: ProjectStatus) -> Vec<&'static str> {
    match status {
        ProjectStatus::Deleted => Vec::new(),
        standing => vec!["projects", standing.as_str()],
    }
}

#[cfg(test)]
mod tests {
    use skafu_events::Tenant;

    use super::*;

    fn owned_by(owner: &str) -> UserRow {
        let at: Timestamp = serde_json::from_value(json!("2025-01-18T10:30:00.123Z")).unwrap();
        let (project_id, name, status) = ("1".to_owned(), "Shop".to_owned(), ProjectStatus::Ready);
        let member = Member { project_id, name, status, created_at: at, updated_at: at };
        UserRow { owner_id: owner.to_owned(), member }
    }

    /// No event does this yet; the rows would follow.
    #[test]
    fn a_project_that_changes_hands_moves_to_its_new_owner() {
        let tenant = Tenant::new("acme").unwrap();
        let keys = Keys::new(&tenant, UserView::NAME, 1);
        let stream = StreamId::new(tenant, AggregateKind::Project, "1").unwrap();
        let (before, after) = (owned_by("alice"), owned_by("bob"));
        let step = Step { stream: &stream, events: &[], before: Some(&before), after: Some(&after) };
        let by = |by| BTreeMap::from([("projects".to_owned(), by), ("ready".to_owned(), by)]);
        let [alice, bob] = ["acme/user.1/USER#alice", "acme/user.1/USER#bob"].map(str::to_owned);
        let [member, summary] = ["PROJECT#1", "SUMMARY"].map(str::to_owned);
        assert_eq!(
            UserView::changes(&keys, step),
            [
                Change::Delete { partition: alice.clone(), sort: member.clone() },
                Change::Put {
                    partition: bob.clone(),
                    sort: member,
                    content: json!(after.member),
                    places: Vec::new()
                },
                Change::Add { partition: alice, sort: summary.clone(), counters: by(-1) },
                Change::Add { partition: bob, sort: summary, counters: by(1) },
            ]
        );
    }
}
