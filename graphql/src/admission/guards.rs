use async_graphql::Pos;
use skafu_domain::{Action, Resource, authorize};

use super::refusal::Refusal;
use crate::api::Viewer;

/// A field that is asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked<'a> {
    /// The type it is a field of.
    pub parent: &'a str,
    /// Its name.
    pub field: &'a str,
    /// The field of the response it belongs to.
    pub root: &'a str,
    /// Where it stands in the document.
    pub place: Pos,
}

/// What is asked of a viewer before they are told a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// They must be allowed this in their tenant. Whose thing it is, its resolver looks at.
    May(Action),
    /// It is a command: whoever takes it decides on it, and answers in the payload.
    Command,
    /// Part of the answer to a command.
    Answer,
}

/// Holds a field to its guard. Without one it is denied.
pub(super) fn check(viewer: &Viewer, asked: &Asked<'_>) -> Result<(), Refusal> {
    let allowed = match guard(asked.parent, asked.field) {
        Some(Guard::May(action)) => {
            let resource = Resource { tenant: viewer.principal.tenant(), owner: None };
            authorize(&viewer.principal, action, resource).is_ok()
        }
        Some(Guard::Command | Guard::Answer) => true,
        None => false,
    };
    if allowed { Ok(()) } else { Err(Refusal::denied(asked.root, asked.place)) }
}

/// The guard of a field. Each field of the root has its own; those of any other type share their type's.
pub(super) fn guard(parent: &str, field: &str) -> Option<Guard> {
    match parent {
        "Query" => query(field),
        "Mutation" => mutation(field),
        _ => type_guard(parent),
    }
}

fn query(field: &str) -> Option<Guard> {
    Some(Guard::May(match field {
        "project" | "projects" | "projectsByUser" | "projectAnalytics" | "projectAsOf" | "projectHistory"
        | "projectActivity" | "operation" | "me" | "user" => Action::ReadProject,
        "template" | "templates" => Action::ReadTemplate,
        _ => return None,
    }))
}

fn mutation(field: &str) -> Option<Guard> {
    match field {
        "createProject"
        | "updateProject"
        | "archiveProject"
        | "restoreProject"
        | "deleteProject"
        | "retryProjectCreation"
        | "retryCompensation"
        | "resolveProjectCreation"
        | "createTemplate"
        | "uploadTemplateFiles"
        | "publishTemplate" => Some(Guard::Command),
        _ => None,
    }
}

fn type_guard(name: &str) -> Option<Guard> {
    Some(match name {
        "Project"
        | "ProjectConnection"
        | "ProjectConfiguration"
        | "ProjectRepository"
        | "ProjectFailure"
        | "ProjectCreation"
        | "ProjectAnalytics"
        | "AnalyticsCounters"
        | "DayAnalytics"
        | "Deployment"
        | "ProjectActivity"
        | "ProjectActivityConnection"
        | "ProjectActivityFailure"
        | "ProjectHistoryConnection"
        | "ProjectHistoryEntry"
        | "ProjectHistoryEvent"
        | "Operation"
        | "OperationStep"
        | "OperationError"
        | "User"
        | "UserProject"
        | "UserProjectConnection"
        | "ProjectsByStatus" => Guard::May(Action::ReadProject),
        "Template" | "TemplateConnection" | "TemplateParameter" | "TemplateParameterConditional" => {
            Guard::May(Action::ReadTemplate)
        }
        "ProjectAccepted"
        | "TemplateAccepted"
        | "CommandError"
        | "Violation"
        | "ValidationError"
        | "ForbiddenError"
        | "NotFoundError"
        | "ConflictError"
        | "AlreadyExistsError"
        | "CommandIdReusedError"
        | "BusinessRuleError" => Guard::Answer,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Outline;
    use super::*;

    #[test]
    fn every_field_of_the_schema_has_a_guard() {
        let outline = Outline::of(include_str!("../../schema.graphql"));
        let bare: Vec<_> = outline.all().filter(|(parent, field)| guard(parent, field).is_none()).collect();
        assert_eq!(bare, [], "each needs a guard, or nobody is told it");
        assert!(outline.all().count() > 100, "the schema was not read");
    }

    #[test]
    fn what_has_no_guard_is_denied() {
        for (parent, field) in
            [("Query", "secrets"), ("Mutation", "dropTable"), ("Secret", "value"), ("", "")]
        {
            assert_eq!(guard(parent, field), None);
        }
    }
}
