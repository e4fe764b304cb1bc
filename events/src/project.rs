//! What happens to a project.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{AggregateKind, DomainEvent};

/// Every event of a project's stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "eventType", content = "data")]
pub enum ProjectEvent {
    /// Somebody asked for a project.
    ProjectCreated(ProjectCreated),
    /// An attempt to provision it began.
    ProjectCreationStarted(ProjectCreationStarted),
    /// The template's revision and the parameters are settled.
    TemplateSelected(TemplateSelected),
    /// The template was rendered with the project's parameters.
    TemplateRendered(TemplateRendered),
    /// Everything is in place: the project is ready.
    ProjectConfigured(ProjectConfigured),
    /// An attempt failed at one step.
    ProjectCreationFailed(ProjectCreationFailed),
    /// What the failed attempt had made is undone.
    ProjectCreationCompensated(ProjectCreationCompensated),
    /// Its owner asked for another attempt, which goes on where the failed one ended.
    ProjectCreationRetried(ProjectCreationRetried),
    /// The undoing failed as well: a person has to look.
    ProjectCreationStuck(ProjectCreationStuck),
    /// An operator had the undoing done once more.
    ProjectCompensationRetried(ProjectCompensationRetried),
    /// An operator has seen to what could not be undone.
    ProjectCreationResolved(ProjectCreationResolved),
    /// Its owner changed what it says about itself.
    ProjectUpdated(ProjectUpdated),
    /// It was put away.
    ProjectArchived(ProjectArchived),
    /// It was taken out again.
    ProjectRestored(ProjectRestored),
    /// It is gone for whoever asks.
    ProjectDeleted(ProjectDeleted),
}

impl DomainEvent for ProjectEvent {
    const KIND: AggregateKind = AggregateKind::Project;
}

impl ProjectEvent {
    /// Whether it may come after the project was deleted: what its creation has left is undone then.
    pub fn may_follow_deletion(&self) -> bool {
        matches!(
            self,
            Self::ProjectCreationFailed(_)
                | Self::ProjectCreationCompensated(_)
                | Self::ProjectCreationStuck(_)
                | Self::ProjectCompensationRetried(_)
                | Self::ProjectCreationResolved(_)
        )
    }
}

/// Where a project stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProjectStatus {
    /// Asked for; nothing made yet.
    #[default]
    Draft,
    /// The saga is making it.
    Configuring,
    /// Its repository can be cloned.
    Ready,
    /// Its creation failed.
    Failed,
    /// Put away by its owner.
    Archived,
    /// Deleted by its owner.
    Deleted,
}

impl ProjectStatus {
    /// As events and rows tell it: `ready`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Configuring => "configuring",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Archived => "archived",
            Self::Deleted => "deleted",
        }
    }
}

/// What the generated project is to run on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectConfiguration {
    /// A Lambda runtime, such as `python3.12`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// An AWS region, such as `eu-west-1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Wanted features, each once.
    #[serde(default)]
    pub features: Vec<String>,
    /// Environment variables of the generated project. Never secrets.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
}

/// Somebody asked for a project. Status: `draft`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectCreated {
    /// As its owner wrote it; unique in the tenant, ignoring case.
    pub name: String,
    /// A sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The `sub` of the person who asked.
    pub owner_id: String,
    /// The template to render.
    pub template_id: String,
    /// The parameters that were given, by name; defaults are settled when the template is selected.
    #[serde(default)]
    pub template_parameters: Map<String, Value>,
    /// What it is to run on.
    #[serde(default)]
    pub configuration: ProjectConfiguration,
    /// How it is made.
    #[serde(default, skip_serializing_if = "CreationOptions::is_default")]
    pub options: CreationOptions,
}

/// How a project is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreationOptions {
    /// What becomes of a failed attempt.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// Whether its architecture is looked at.
    #[serde(default)]
    pub ai_analysis: AiAnalysis,
}

impl CreationOptions {
    /// Whether nothing was chosen.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What becomes of a failed attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnFailure {
    /// What it made is undone, and the name is free again.
    #[default]
    Compensate,
    /// All of it is kept, the name too: the next attempt goes on from there.
    KeepForRetry,
}

/// Whether a project's architecture is analysed while it is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AiAnalysis {
    /// If it can be done in time; the project is made in any case.
    #[default]
    Auto,
    /// No.
    Skip,
    /// Yes: without it, the attempt fails.
    Required,
}

/// An attempt to provision the project began. Status: `configuring`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectCreationStarted {
    /// From 1; a retry of a failed creation is the next attempt.
    pub attempt: u32,
}

/// The template's revision and the parameters are settled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateSelected {
    /// The template.
    pub template_id: String,
    /// The tenant it was found in: the project's own, or the shared one.
    pub template_tenant: String,
    /// SHA-256 (hex) of the template's manifest: what is rendered is pinned by it.
    pub template_revision: String,
    /// Every parameter with its value, defaults included.
    pub parameters: Map<String, Value>,
}

/// The template was rendered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateRendered {
    /// SHA-256 (hex) of the rendered bundle.
    pub bundle_sha256: String,
    /// How many files and symbolic links it holds.
    pub file_count: u32,
}

/// Where the project's repository is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepositoryLink {
    /// The repository aggregate's id.
    pub repository_id: String,
    /// The repository's name, without `.git`.
    pub name: String,
    /// Where its provider keeps it, relative to the provider's root.
    pub location: String,
    /// `main`.
    pub default_branch: String,
    /// The one initial commit.
    pub initial_commit_id: String,
}

/// Everything is in place. Status: `ready`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectConfigured {
    /// The repository that was made.
    pub repository: RepositoryLink,
}

/// An attempt failed. Status: `failed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectCreationFailed {
    /// The attempt that failed.
    pub attempt: u32,
    /// The saga's state that failed.
    pub failed_step: String,
    /// Why.
    pub error: FailureReason,
    /// Whether everything it made is kept for another attempt, instead of undone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kept_for_retry: bool,
}

/// Its owner asked for another attempt. Status: `configuring`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectCreationRetried {
    /// The attempt that follows.
    pub attempt: u32,
}

/// The undoing of an attempt failed as well. Status: `failed`; the name is still held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectCreationStuck {
    /// The attempt whose traces are left.
    pub attempt: u32,
    /// The compensating state that failed.
    pub failed_step: String,
    /// Why.
    pub error: FailureReason,
}

/// An operator had the undoing done once more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectCompensationRetried {
    /// The attempt to be undone.
    pub attempt: u32,
    /// Counts the times this was asked for, from 1.
    pub round: u32,
    /// Whether the attempt was given up while it was, or seemed to be, under way, and was not stuck.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub given_up: bool,
}

/// An operator has seen to what could not be undone. Status: `failed`; the name is free again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectCreationResolved {
    /// The attempt whose traces were left.
    pub attempt: u32,
    /// What was done by hand.
    pub note: String,
}

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailureReason {
    /// A stable code.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

/// What the failed attempt had made is undone; the project's name is free again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectCreationCompensated {
    /// The attempt that was undone.
    pub attempt: u32,
    /// What was undone, in the order it was undone.
    pub compensations: Vec<String>,
}

/// What changed, each field with its whole value; what is left out stayed as it was.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectChanges {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<ProjectConfiguration>,
}

/// Its owner changed what it says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectUpdated {
    /// The new values.
    pub changes: ProjectChanges,
    /// The values they replace.
    pub previous_values: ProjectChanges,
}

/// It was put away. Status: `archived`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectArchived {
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// It was taken out again. Status: `ready`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectRestored {
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// It is gone for whoever asks; its history stays. Status: `deleted`. Its name is free again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectDeleted {
    /// Why.
    pub reason: String,
    /// The failed attempt whose traces were kept for another one, and are to be undone now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt_to_undo: Option<u32>,
}
