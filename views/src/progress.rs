use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use skafu_events::{AggregateKind, Timestamp};

use crate::{OperationEvent, OperationPart};

/// How far a request got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OperationStatus {
    // From the least to the most telling: of several things a request did, the most telling one counts.
    /// Everything it asked for is done.
    Succeeded,
    /// It failed, and what it had made is undone.
    Compensated,
    /// It failed; it had made nothing, or what it made is kept for another attempt.
    Failed,
    /// It is recorded; nothing has been made yet.
    Accepted,
    /// Its steps are under way.
    Running,
    /// It failed, and what it made is being undone.
    Compensating,
    /// It failed, and so did the undoing: an operator has to look.
    Stuck,
}

impl OperationStatus {
    /// Whether nothing more will happen by itself.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Compensated | Self::Failed | Self::Stuck)
    }
}

/// One step of a saga that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationStep {
    /// The saga's state: `SelectTemplate`.
    pub name: String,
    /// When the step before it had ended, and nothing stood in its way; for the first one, when it was asked for.
    pub started_at: Timestamp,
    /// When it ended.
    pub at: Timestamp,
    /// The attempt it belongs to, from 1.
    pub attempt: u32,
    /// What it left: a revision, a hash, a place.
    pub output: Option<String>,
    /// Why it failed, if it did.
    pub error: Option<OperationError>,
}

/// What failed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationError {
    /// A stable code.
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// The saga's state.
    pub step: String,
}

/// What became of one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// How far it got.
    pub status: OperationStatus,
    /// The id of the project it is about, else of the first aggregate it touched.
    pub resource_id: String,
    /// The steps of its saga in the order they ended; a plain command has none.
    pub steps: Vec<OperationStep>,
    /// Why it failed, if it did.
    pub error: Option<OperationError>,
    /// When its first command was accepted.
    pub started_at: Timestamp,
    /// When its last one was, once it has ended.
    pub ended_at: Option<Timestamp>,
}

/// How far one resource got: a project together with its repository, or a template.
#[derive(Default)]
struct Progress {
    status: Option<OperationStatus>,
    attempt: Option<u32>,
    error: Option<OperationError>,
    /// When its last step ended, or it was asked for.
    idle_since: Option<Timestamp>,
}

impl Operation {
    /// What the parts tell, in whatever order they are given; none if there are none.
    pub fn of(parts: &[OperationPart]) -> Option<Self> {
        let parts = ordered(parts);
        let ((started_at, first), (last_at, _)) = (parts.first()?, parts.last()?);
        let of_project =
            parts.iter().find(|(_, part)| kind_and_id(part).0 == AggregateKind::Project.prefix());
        let resource_id = of_project.map_or(*first, |(_, part)| part);
        let mut resources: BTreeMap<(bool, &str), Progress> = BTreeMap::new();
        let mut steps = Vec::new();
        for (at, part) in &parts {
            let (kind, id) = kind_and_id(part);
            let progress = resources.entry((kind == AggregateKind::Template.prefix(), id)).or_default();
            for event in &part.events {
                progress.go_on(event);
                let attempt = event.attempt.or(progress.attempt).unwrap_or(1);
                // Clocks differ: nothing ends before it begins.
                let started_at = progress.idle_since.map_or(*at, |since| since.min(*at));
                let ended = step(event);
                if ended.is_some() || progress.idle_since.is_none() {
                    progress.idle_since = Some(*at);
                }
                steps.extend(ended.map(|(name, error)| {
                    let output = event.output.clone();
                    OperationStep { name, started_at, at: *at, attempt, output, error }
                }));
            }
        }
        let status = resources.values().filter_map(|it| it.status).max()?;
        Some(Self {
            status,
            resource_id: kind_and_id(resource_id).1.to_owned(),
            steps,
            error: resources.into_values().find_map(|it| it.error),
            started_at: *started_at,
            ended_at: status.has_ended().then_some(*last_at),
        })
    }
}

impl Progress {
    fn go_on(&mut self, event: &OperationEvent) {
        use OperationStatus::{Accepted, Compensated, Compensating, Failed, Running, Stuck, Succeeded};
        let nothing_undone = event.compensations.is_empty();
        let next = match event.event_type.as_str() {
            "ProjectCreated" | "ProjectCreationRetried" => Accepted,
            "ProjectCreationStarted" | "TemplateSelected" | "TemplateRendered" => Running,
            "ProjectConfigured" => Succeeded,
            "ProjectCreationFailed" if event.kept => Failed,
            "ProjectCreationFailed" | "ProjectCompensationRetried" => Compensating,
            "ProjectCreationStuck" => Stuck,
            "ProjectCreationResolved" => Failed,
            "ProjectCreationCompensated" => {
                if nothing_undone {
                    Failed
                } else {
                    Compensated
                }
            }
            // The repository's clock is not the project's: once the project's end is known, it counts.
            "RepositoryCreated" | "RepositoryConfigured" => self.unless_ended(Running),
            "RepositoryDeleted" => self.unless_ended(Compensating),
            // A command without a saga: done at once, whatever saga it comes amid.
            _ => self.status.unwrap_or(Succeeded),
        };
        match event.event_type.as_str() {
            "ProjectCreationStarted" | "ProjectCreationRetried" => self.error = None,
            "ProjectCreationFailed" | "ProjectCreationStuck" => self.error = error(event),
            _ => {}
        }
        self.status = Some(next);
        self.attempt = event.attempt.or(self.attempt);
    }

    fn unless_ended(&self, next: OperationStatus) -> OperationStatus {
        self.status.filter(|status| status.has_ended()).unwrap_or(next)
    }
}

/// By time, then key. An aggregate's own parts stay in the order of their versions, which is certain,
/// even where the clocks of those who wrote them disagree.
fn ordered(parts: &[OperationPart]) -> Vec<(Timestamp, &OperationPart)> {
    let mut by_key: Vec<&OperationPart> = parts.iter().collect();
    by_key.sort_by_key(|part| (&part.aggregate_id, part.version));
    let mut ordered: Vec<(Timestamp, &OperationPart)> = Vec::with_capacity(parts.len());
    for part in by_key {
        let before = ordered.last().filter(|(_, before)| before.aggregate_id == part.aggregate_id);
        let at = before.map_or(part.at, |(at, _)| part.at.max(*at));
        ordered.push((at, part));
    }
    // Stable, so parts of one moment stay in the order of their keys.
    ordered.sort_by_key(|(at, _)| *at);
    ordered
}

fn kind_and_id(part: &OperationPart) -> (&str, &str) {
    part.aggregate_id.split_once('#').unwrap_or(("", &part.aggregate_id))
}

/// The step that ended with the event, and why it failed, if it did.
fn step(event: &OperationEvent) -> Option<(String, Option<OperationError>)> {
    let name = match event.event_type.as_str() {
        "ProjectCreationStarted" => "BeginProvisioning",
        "TemplateSelected" => "SelectTemplate",
        "TemplateRendered" => "RenderTemplate",
        "RepositoryCreated" => "CreateRepository",
        "RepositoryConfigured" => "ConfigureRepository",
        "ProjectConfigured" => "ConfigureProject",
        "ProjectCreationFailed" | "ProjectCreationStuck" => event.step.as_deref().unwrap_or_default(),
        "RepositoryDeleted" => "DiscardRepository",
        "ProjectCreationCompensated" => "CompensateProject",
        "ProjectCreationResolved" => "ResolveProjectCreation",
        _ => return None,
    };
    Some((name.to_owned(), error(event)))
}

fn error(event: &OperationEvent) -> Option<OperationError> {
    let reason = event.error.clone()?;
    Some(OperationError {
        code: reason.code,
        message: reason.message,
        step: event.step.clone().unwrap_or_default(),
    })
}
