use schemars::{JsonSchema, Schema, schema_for};
use serde::{Deserialize, Serialize};

use super::schema::Body;
use crate::{Action, project, repository, template};

/// What follows an accepted command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// It is on record, and a saga carries it on.
    Accepted,
}

/// What to do with a command whose sender has seen an older version of its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ConflictStrategy {
    /// Refuse it, and say what has changed.
    Reject,
    /// Accept it if nothing it changes has been changed meanwhile, field by field.
    Merge,
    /// Apply it to whatever is there now.
    LastWriteWins,
}

/// One command: where it is sent, what it asks for, and what its body looks like.
#[derive(Debug, Clone, Copy)]
pub struct CommandSpec {
    /// The bounded context: the first path segment after `/commands/`.
    pub context: &'static str,
    /// PascalCase, imperative: the last path segment.
    pub name: &'static str,
    /// What the caller must be allowed to do.
    pub action: Action,
    /// What follows.
    pub answer: Answer,
    /// The strategies a sender may choose; the first is what happens unless they do.
    pub conflicts: &'static [ConflictStrategy],
    /// JSON Schema of the whole body, generated from the command's type.
    pub schema: fn() -> Schema,
}

macro_rules! spec {
    ($context:literal, $module:ident :: $command:ident, $action:ident, $answer:ident) => {
        spec!($context, $module::$command, $action, $answer, [Reject])
    };
    ($context:literal, $module:ident :: $command:ident, $action:ident, $answer:ident, [$($conflict:ident),+]) => {
        CommandSpec {
            context: $context,
            name: stringify!($command),
            action: Action::$action,
            answer: Answer::$answer,
            conflicts: &[$(ConflictStrategy::$conflict),+],
            schema: || schema_for!(Body<$module::$command>),
        }
    };
}

/// Every command there is.
pub const CATALOGUE: &[CommandSpec] = &[
    spec!("project", project::CreateProject, CreateProject, Accepted),
    spec!("project", project::UpdateProject, ManageProject, Done, [Reject, Merge, LastWriteWins]),
    spec!("project", project::ArchiveProject, ManageProject, Done),
    spec!("project", project::RestoreProject, ManageProject, Done),
    spec!("project", project::DeleteProject, ManageProject, Done),
    spec!("project", project::RetryProjectCreation, RetryProject, Accepted),
    spec!("project", project::RetryCompensation, SettleProject, Accepted),
    spec!("project", project::ResolveProjectCreation, SettleProject, Done),
    spec!("project", project::BeginProvisioning, ProvisionProject, Done),
    spec!("project", project::SelectTemplate, ProvisionProject, Done),
    spec!("project", project::RecordRendering, ProvisionProject, Done),
    spec!("project", project::ConfigureProject, ProvisionProject, Done),
    spec!("project", project::FailProjectCreation, ProvisionProject, Done),
    spec!("project", project::CompensateProjectCreation, ProvisionProject, Done),
    spec!("project", project::ReportStuckCreation, ProvisionProject, Done),
    spec!("template", template::CreateTemplate, CreateTemplate, Done),
    spec!("template", template::UploadTemplateFiles, ChangeTemplate, Done),
    spec!("template", template::PublishTemplate, ChangeTemplate, Done),
    spec!("repository", repository::CreateRepository, ProvisionRepository, Done),
    spec!("repository", repository::ConfigureRepository, ProvisionRepository, Done),
    spec!("repository", repository::DeleteRepository, ProvisionRepository, Done),
];

/// The command of that name in that context.
pub fn find(context: &str, name: &str) -> Option<&'static CommandSpec> {
    CATALOGUE.iter().find(|spec| spec.context == context && spec.name == name)
}
