//! What a project's history asks its saga to do: told from the events themselves when they are announced, and from
//! the whole history when an announcement may have been lost.

use serde_json::Value;
use skafu_domain::project::{Project, ProjectStatus};
use skafu_events::project::{ProjectCompensationRetried, ProjectEvent};
use skafu_events::{Commit, DomainEvent, StreamId, UnknownEvent};
use skafu_store::History;
use uuid::Uuid;

use super::{Failure, SagaInput, Undo};

/// The first attempt of every project.
const FIRST_ATTEMPT: u32 = 1;

/// Whether an execution may have to follow an event of that type.
pub fn calls_for_saga(event_type: &str) -> bool {
    matches!(
        event_type,
        "ProjectCreated" | "ProjectCreationRetried" | "ProjectCompensationRetried" | "ProjectDeleted"
    )
}

/// An event as it was announced or recorded.
pub(super) struct Told<'a> {
    pub event_type: &'a str,
    pub event_version: u32,
    /// Null where the payload is kept outside of the announcement.
    pub data: &'a Value,
    pub correlation_id: Uuid,
}

/// The execution that must follow the event; none as a rule.
///
/// Of a project that was asked for nothing is read but that it was: its payload may be too large for the bus.
pub(super) fn following(project: &StreamId, told: &Told<'_>) -> Result<Option<SagaInput>, UnknownEvent> {
    let input = |attempt, undo| SagaInput {
        tenant_id: project.tenant().clone(),
        project_id: project.id().to_owned(),
        correlation_id: told.correlation_id,
        attempt,
        undo,
    };
    if told.event_type == "ProjectCreated" {
        return Ok(Some(input(FIRST_ATTEMPT, None)));
    }
    if !calls_for_saga(told.event_type) {
        return Ok(None);
    }
    Ok(match ProjectEvent::decode(told.event_type, told.event_version, told.data)? {
        ProjectEvent::ProjectCreationRetried(retried) => Some(input(retried.attempt, None)),
        ProjectEvent::ProjectDeleted(deleted) => {
            deleted.attempt_to_undo.map(|attempt| input(attempt, Some(deletion())))
        }
        ProjectEvent::ProjectCompensationRetried(retried) => {
            Some(input(retried.attempt, Some(once_more(&retried))))
        }
        _ => None,
    })
}

/// The execution the project waits for, which may have begun already: the last one its history asks for, unless
/// what it is for has visibly begun.
pub fn due(project: &Project, history: &History) -> Option<SagaInput> {
    let waits = match project.status {
        _ if project.repository.is_some() || project.undone => false,
        ProjectStatus::Draft => true,
        ProjectStatus::Configuring => !project.begun || project.rounds > 0,
        ProjectStatus::Deleted => project.is_kept() || project.rounds > 0,
        ProjectStatus::Failed => project.rounds > 0 && !project.stuck,
        ProjectStatus::Ready | ProjectStatus::Archived => false,
    };
    if !waits {
        return None;
    }
    history.commits().iter().rev().find_map(|commit| asked_by(history.stream(), commit))
}

fn asked_by(project: &StreamId, commit: &Commit) -> Option<SagaInput> {
    let told = commit.events.iter().rev().map(|event| Told {
        event_type: &event.event_type,
        event_version: event.event_version,
        data: &event.data,
        correlation_id: commit.correlation_id,
    });
    // What cannot be read was not folded either: whoever asks has the state of the whole history.
    told.filter_map(|told| following(project, &told).ok()).flatten().next()
}

fn deletion() -> Undo {
    let failure = Failure {
        step: "DeleteProject".to_owned(),
        error: "Deleted".to_owned(),
        cause: Some("the project was deleted".to_owned()),
    };
    Undo { cause: "deleted".to_owned(), failure }
}

fn once_more(retried: &ProjectCompensationRetried) -> Undo {
    // Of an attempt that was given up something may still run, of a stuck one nothing does: the state machine knows
    // the difference by the name of the error.
    let (error, cause) = match retried.given_up {
        true => ("GivenUp", "the attempt was given up by an operator"),
        false => ("Rejected", "the undoing of the attempt was asked for once more"),
    };
    let failure = Failure {
        step: "RetryCompensation".to_owned(),
        error: error.to_owned(),
        cause: Some(cause.to_owned()),
    };
    Undo { cause: format!("asked-{}", retried.round), failure }
}
