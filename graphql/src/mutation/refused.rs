use async_graphql::{Interface, SimpleObject};
use skafu_domain::Violation as Wrong;

use crate::commands::RefusedCommand;

/// Why a command was refused. Nothing changed.
#[allow(clippy::duplicated_attributes, reason = "each field says of what type it is")]
#[derive(Interface)]
#[graphql(
    field(name = "code", ty = "&String", desc = "A stable name for programs."),
    field(name = "message", ty = "&String", desc = "What happened, and the way out.")
)]
pub(crate) enum CommandError {
    Validation(ValidationError),
    Forbidden(ForbiddenError),
    NotFound(NotFoundError),
    Conflict(ConflictError),
    AlreadyExists(AlreadyExistsError),
    CommandIdReused(CommandIdReusedError),
    BusinessRule(BusinessRuleError),
}

/// One thing wrong with what was sent.
#[derive(SimpleObject)]
pub(crate) struct Violation {
    /// Where, as a JSON pointer into the command's body (`/data/name`) or a template's path (`src/app.py:3:7`).
    field: String,
    /// What kind of wrong, in a word: `required`, `pattern`, `choice` …
    code: String,
    /// A sentence for people.
    message: String,
}

impl From<Wrong> for Violation {
    fn from(it: Wrong) -> Self {
        Self { field: it.field, code: it.code, message: it.message }
    }
}

/// What was sent is wrong in itself: everything that is wrong with it.
#[derive(SimpleObject)]
pub(crate) struct ValidationError {
    /// A stable name for programs.
    code: String,
    /// What happened, and the way out.
    message: String,
    /// Everything that is wrong.
    violations: Vec<Violation>,
}

/// The viewer may not do this.
#[derive(SimpleObject)]
pub(crate) struct ForbiddenError {
    /// A stable name for programs.
    code: String,
    /// What happened, and the way out.
    message: String,
}

/// The target does not exist in the viewer's tenant.
#[derive(SimpleObject)]
pub(crate) struct NotFoundError {
    /// A stable name for programs.
    code: String,
    /// What happened, and the way out.
    message: String,
}

/// The target is not at the version that was expected.
#[derive(SimpleObject)]
pub(crate) struct ConflictError {
    /// A stable name for programs.
    code: String,
    /// What happened, and the way out.
    message: String,
    /// The version it is at.
    current_version: Option<u64>,
    /// What has changed since the version that was expected.
    changed_fields: Vec<String>,
}

/// Something of that id or name is there already.
#[derive(SimpleObject)]
pub(crate) struct AlreadyExistsError {
    /// A stable name for programs.
    code: String,
    /// What happened, and the way out.
    message: String,
}

/// The same `commandId` came with another command before.
#[derive(SimpleObject)]
pub(crate) struct CommandIdReusedError {
    /// A stable name for programs.
    code: String,
    /// What happened, and the way out.
    message: String,
}

/// What was sent is fine, but a rule forbids it as things stand.
#[derive(SimpleObject)]
pub(crate) struct BusinessRuleError {
    /// A stable name for programs.
    code: String,
    /// What happened, and the way out.
    message: String,
    /// The rule, in kebab case.
    rule: Option<String>,
    /// Where exactly it is broken, where there is more to say.
    violations: Vec<Violation>,
}

impl CommandError {
    /// The error a refusal is; none if its sender can do nothing about it.
    pub fn of(it: RefusedCommand) -> Option<Self> {
        let RefusedCommand { code, message, .. } = it;
        let violations = it.violations.into_iter().map(Violation::from).collect();
        Some(match (it.status, code.as_str()) {
            (400 | 413, _) => Self::Validation(ValidationError { code, message, violations }),
            (403, _) => Self::Forbidden(ForbiddenError { code, message }),
            (404, _) => Self::NotFound(NotFoundError { code, message }),
            (409, "CONFLICT") => {
                let (current_version, changed_fields) = (it.current_version, it.changed_fields);
                Self::Conflict(ConflictError { code, message, current_version, changed_fields })
            }
            (409, "IDEMPOTENCY_MISMATCH") => Self::CommandIdReused(CommandIdReusedError { code, message }),
            (409, _) => Self::AlreadyExists(AlreadyExistsError { code, message }),
            (422, _) => Self::BusinessRule(BusinessRuleError { code, message, rule: it.rule, violations }),
            _ => return None,
        })
    }
}
