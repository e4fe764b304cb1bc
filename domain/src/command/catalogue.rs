use schemars::{Schema, schema_for};

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
    /// JSON Schema of the whole body, generated from the command's type.
    pub schema: fn() -> Schema,
}

macro_rules! spec {
    ($context:literal, $module:ident :: $command:ident, $action:ident, $answer:ident) => {
        CommandSpec {
            context: $context,
            name: stringify!($command),
            action: Action::$action,
            answer: Answer::$answer,
            schema: || schema_for!(Body<$module::$command>),
        }
    };
}

/// Every command there is.
pub const CATALOGUE: &[CommandSpec] = &[
    spec!("project", project::CreateProject, CreateProject, Accepted),
    spec!("project", project::SelectTemplate, ProvisionProject, Done),
    spec!("project", project::RecordRendering, ProvisionProject, Done),
    spec!("project", project::ConfigureProject, ProvisionProject, Done),
    spec!("project", project::FailProjectCreation, ProvisionProject, Done),
    spec!("template", template::CreateTemplate, CreateTemplate, Done),
    spec!("template", template::UploadTemplateFiles, ChangeTemplate, Done),
    spec!("template", template::PublishTemplate, ChangeTemplate, Done),
    spec!("repository", repository::CreateRepository, ProvisionRepository, Done),
    spec!("repository", repository::DeleteRepository, ProvisionRepository, Done),
];

/// The command of that name in that context.
pub fn find(context: &str, name: &str) -> Option<&'static CommandSpec> {
    CATALOGUE.iter().find(|spec| spec.context == context && spec.name == name)
}
