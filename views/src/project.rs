use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;
use skafu_events::project::{
    FailureReason, ProjectChanges, ProjectConfiguration, ProjectEvent, ProjectStatus, RepositoryLink,
};
use skafu_events::{AggregateKind, DomainEvent, Envelope, Timestamp};

use crate::{Change, FoldError, Keys, Place, Placement, Step, View};

/// One project, and lists of projects, newest first: a tenant's, a person's, those that stand somewhere and those of a
/// template.
///
/// Price: 1 WCU per commit for the row, and 1 for each of the two indexes, which copy the whole row. Where a project
/// begins, ends or stands elsewhere 8, for its rows in the other lists, which hold no more than its id.
#[derive(Debug)]
pub struct ProjectView;

/// What is shown of a project. What belongs to others (the template's name, the owner's e-mail) is
/// joined when it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectRow {
    /// The project's id.
    pub id: String,
    /// As its owner wrote it.
    pub name: String,
    /// A sentence or two.
    #[serde(default)]
    pub description: Option<String>,
    /// Where it stands.
    pub status: ProjectStatus,
    /// The `sub` of its owner.
    pub owner_id: String,
    /// The template it is made from.
    pub template_id: String,
    /// The tenant the template was found in, once it is selected.
    #[serde(default)]
    pub template_tenant: Option<String>,
    /// What it runs on.
    pub configuration: ProjectConfiguration,
    /// Its repository, once it is ready.
    #[serde(default)]
    pub repository: Option<RepositoryLink>,
    /// Why its creation failed, if it did.
    #[serde(default)]
    pub failure: Option<FailureReason>,
    /// How far its creation got.
    #[serde(default)]
    pub creation: Creation,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When something last happened to it.
    pub updated_at: Timestamp,
    /// How often it was deployed.
    pub deployment_count: u64,
    /// When it was last deployed.
    #[serde(default)]
    pub last_deployed_at: Option<Timestamp>,
    /// How many events it has.
    pub total_events: u64,
    /// The share of deployments that succeeded, 0 to 1; none before the first.
    #[serde(default)]
    pub success_rate: Option<f64>,
}

/// How far a project's creation got.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Creation {
    /// The attempt awaited, under way or last made, from 1.
    pub attempt: u32,
    /// How that stands.
    pub state: CreationState,
    /// The saga's state that failed last: of the making, or of the undoing if that is stuck.
    #[serde(default)]
    pub failed_step: Option<String>,
}

/// How an attempt to create a project stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CreationState {
    /// Asked for.
    #[default]
    Awaited,
    /// Under way.
    Running,
    /// The project was made.
    Succeeded,
    /// Failed; what it made is being undone.
    Undoing,
    /// Failed; what it made is kept for another attempt.
    Kept,
    /// Failed; nothing is left of it.
    Undone,
    /// Failed, and so did the undoing: an operator has to look.
    Stuck,
}

impl Creation {
    fn go_on(&mut self, event: &ProjectEvent) {
        match event {
            ProjectEvent::ProjectCreated(_) => *self = Self { attempt: 1, ..Self::default() },
            ProjectEvent::ProjectCreationRetried(retried) => {
                *self = Self { attempt: retried.attempt, ..Self::default() };
            }
            ProjectEvent::ProjectCreationStarted(started) => {
                (self.attempt, self.state) = (started.attempt, CreationState::Running);
            }
            ProjectEvent::ProjectConfigured(_) => self.state = CreationState::Succeeded,
            ProjectEvent::ProjectCreationFailed(failed) => {
                self.state = if failed.kept_for_retry { CreationState::Kept } else { CreationState::Undoing };
                self.failed_step = Some(failed.failed_step.clone());
            }
            ProjectEvent::ProjectCreationStuck(stuck) => {
                self.state = CreationState::Stuck;
                self.failed_step = Some(stuck.failed_step.clone());
            }
            ProjectEvent::ProjectCompensationRetried(_) => self.state = CreationState::Undoing,
            ProjectEvent::ProjectCreationCompensated(_) | ProjectEvent::ProjectCreationResolved(_) => {
                self.state = CreationState::Undone;
            }
            _ => {}
        }
    }
}

impl ProjectView {
    /// The index partition of a tenant's projects: [`Place::First`].
    pub fn of_tenant(keys: &Keys) -> String {
        keys.prefix().to_owned()
    }

    /// The index partition of one person's projects: [`Place::Second`].
    pub fn of_owner(keys: &Keys, owner_id: &str) -> String {
        keys.within(&format!("OWNER#{owner_id}"))
    }

    /// What the sort keys of projects begin with in [`Self::of_status`] and [`Self::of_template`].
    pub const LISTED: &'static str = "PROJECT#";

    /// The partition of a tenant's projects that stand there.
    pub fn of_status(keys: &Keys, status: ProjectStatus) -> String {
        keys.within(&format!("STATUS#{}", status.as_str()))
    }

    /// The partition of a tenant's projects that are made from a template.
    pub fn of_template(keys: &Keys, template_id: &str) -> String {
        keys.within(&format!("TEMPLATE#{template_id}"))
    }

    /// A project's place in every list: by its age.
    pub fn place(row: &ProjectRow) -> String {
        format!("{}#{}", row.created_at, row.id)
    }

    /// The lists of the table a project is in, and where.
    fn lists(keys: &Keys, row: Option<&ProjectRow>) -> BTreeSet<(String, String)> {
        let Some(row) = row else { return BTreeSet::new() };
        let sort = format!("{}{}", Self::LISTED, Self::place(row));
        let lists = [Self::of_status(keys, row.status), Self::of_template(keys, &row.template_id)];
        lists.map(|list| (list, sort.clone())).into()
    }
}

/// What a list of the table shows of a project: its own row has all the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedProject {
    /// The project's id.
    pub id: String,
}

impl View for ProjectView {
    const NAME: &'static str = "project";
    const KINDS: &'static [AggregateKind] = &[AggregateKind::Project];
    type Row = ProjectRow;

    fn apply(row: Option<ProjectRow>, envelope: &Envelope) -> Result<Option<ProjectRow>, FoldError> {
        let event = ProjectEvent::decode(&envelope.event_type, envelope.event_version, &envelope.data)?;
        let mut row = match (row, &event) {
            (row, ProjectEvent::ProjectCreated(created)) => ProjectRow {
                id: envelope.aggregate_id.rsplit('#').next().unwrap_or_default().to_owned(),
                name: created.name.clone(),
                description: created.description.clone(),
                status: ProjectStatus::Draft,
                owner_id: created.owner_id.clone(),
                template_id: created.template_id.clone(),
                template_tenant: None,
                configuration: created.configuration.clone(),
                repository: None,
                failure: None,
                creation: Creation::default(),
                created_at: envelope.timestamp,
                updated_at: envelope.timestamp,
                deployment_count: 0,
                last_deployed_at: None,
                total_events: row.map_or(0, |row| row.total_events),
                success_rate: None,
            },
            (Some(row), _) => row,
            (None, event) if event.may_follow_deletion() => return Ok(None),
            (None, _) => return Err(FoldError::NotBegun(envelope.event_type.clone())),
        };
        row.creation.go_on(&event);
        match event {
            ProjectEvent::ProjectCreated(_)
            | ProjectEvent::TemplateRendered(_)
            | ProjectEvent::ProjectCompensationRetried(_)
            | ProjectEvent::ProjectCreationResolved(_) => {}
            ProjectEvent::ProjectCreationStuck(stuck) => row.failure = Some(stuck.error),
            ProjectEvent::ProjectCreationStarted(_) | ProjectEvent::ProjectCreationRetried(_) => {
                row.status = ProjectStatus::Configuring;
                row.failure = None;
            }
            ProjectEvent::TemplateSelected(selected) => row.template_tenant = Some(selected.template_tenant),
            ProjectEvent::ProjectConfigured(configured) => {
                row.status = ProjectStatus::Ready;
                row.repository = Some(configured.repository);
            }
            ProjectEvent::ProjectCreationFailed(failed) => {
                row.status = ProjectStatus::Failed;
                row.failure = Some(failed.error);
            }
            ProjectEvent::ProjectCreationCompensated(_) => row.repository = None,
            ProjectEvent::ProjectUpdated(updated) => change(&mut row, updated.changes),
            ProjectEvent::ProjectArchived(_) => row.status = ProjectStatus::Archived,
            ProjectEvent::ProjectRestored(_) => row.status = ProjectStatus::Ready,
            ProjectEvent::ProjectDeleted(_) => return Ok(None),
        }
        row.updated_at = envelope.timestamp;
        row.total_events += 1;
        Ok(Some(row))
    }

    fn places(keys: &Keys, row: &ProjectRow) -> Vec<Placement> {
        let sort = Self::place(row);
        let at = |place, partition| Placement { place, partition, sort: sort.clone() };
        vec![at(Place::First, Self::of_tenant(keys)), at(Place::Second, Self::of_owner(keys, &row.owner_id))]
    }

    fn changes(keys: &Keys, step: Step<'_, ProjectRow>) -> Vec<Change> {
        let (before, after) = (Self::lists(keys, step.before), Self::lists(keys, step.after));
        let left = before.difference(&after).cloned();
        let left = left.map(|(partition, sort)| Change::Delete { partition, sort });
        let id = step.after.map_or("", |row| &row.id);
        let entered = after.difference(&before).cloned().map(|(partition, sort)| Change::Put {
            partition,
            sort,
            content: json!({ "id": id }),
            places: Vec::new(),
        });
        left.chain(entered).collect()
    }
}

fn change(row: &mut ProjectRow, changes: ProjectChanges) {
    if let Some(name) = changes.name {
        row.name = name;
    }
    row.description = changes.description.or(row.description.take());
    if let Some(configuration) = changes.configuration {
        row.configuration = configuration;
    }
}
