//! Creations that stand in every way they can: written as their events, and as executions into the journal.

use serde_json::{Map, Value, json};
use skafu::cloud_db::CloudDb;
use skafu::states::{
    Checkpoint, EventKind, Execution, Failure, Journal, NewEvent, Outcome, SqliteJournal, Status,
};
use skafu_events::{StreamId, Timestamp};
use skafu_store::{Consistency, Draft, DynamoEventStore, EventStore, NewEvent as Event};
use uuid::Uuid;

use crate::world::{TABLE, World};

/// The second at which the first event of each happened; each commit comes a second later.
const BEGIN: i64 = 1_700_000_000;

/// What happened to a project: types and payloads.
pub type Events = Vec<(&'static str, Value)>;

pub fn asked(name: &str, on_failure: &str) -> Events {
    let template = "sam-python-api";
    let options = json!({ "onFailure": on_failure });
    let data = json!({ "name": name, "ownerId": "alice", "templateId": template, "options": options });
    vec![("ProjectCreated", data)]
}

pub fn begun(name: &str, on_failure: &str) -> Events {
    then(asked(name, on_failure), "ProjectCreationStarted", json!({ "attempt": 1 }))
}

/// Failed, to be undone.
pub fn failed(name: &str) -> Events {
    then(begun(name, "compensate"), "ProjectCreationFailed", failure("CreateRepository", "Taken", false))
}

/// Failed, and kept.
pub fn kept(name: &str) -> Events {
    then(begun(name, "keepForRetry"), "ProjectCreationFailed", failure("SelectTemplate", "Rejected", true))
}

/// Failed, and so did the undoing.
pub fn stuck(name: &str) -> Events {
    let stuck = json!({
        "attempt": 1,
        "failedStep": "DiscardRepository",
        "error": { "code": "Retryable", "message": "the disk\nis \u{1b}[2Jfull" }
    });
    then(failed(name), "ProjectCreationStuck", stuck)
}

pub fn undone(name: &str) -> Events {
    let undone = json!({ "attempt": 1, "compensations": ["DiscardRepository"] });
    then(failed(name), "ProjectCreationCompensated", undone)
}

pub fn then(mut events: Events, event: &'static str, data: Value) -> Events {
    events.push((event, data));
    events
}

fn failure(step: &str, code: &str, kept: bool) -> Value {
    let error = json!({ "code": code, "message": "the place is taken" });
    json!({ "attempt": 1, "failedStep": step, "error": error, "keptForRetry": kept })
}

/// Writes projects, named `TENANT/PROJECT#ID`: each event is a commit of its own.
pub fn write(world: &World, projects: Vec<(&str, Events)>) {
    let commits = |events: Events| events.into_iter().map(|event| vec![event]).collect();
    write_commits(world, projects.into_iter().map(|(stream, events)| (stream, commits(events))).collect());
}

/// The same, commit by commit.
pub fn write_commits(world: &World, projects: Vec<(&str, Vec<Events>)>) {
    world.meddle(|client| async move {
        let store = DynamoEventStore::new(client, TABLE);
        for (stream, commits) in projects {
            let stream: StreamId = stream.parse().unwrap();
            for (events, second) in commits.into_iter().zip(BEGIN..) {
                let history = store.load(&stream, Consistency::Strong).await.unwrap();
                store.append(&history, draft(events, second), &[]).await.unwrap();
            }
        }
    });
}

fn draft(events: Events, second: i64) -> Draft {
    let event = |(event_type, data): (&str, Value)| Event {
        event_type: event_type.to_owned(),
        event_version: 1,
        data,
    };
    Draft {
        events: events.into_iter().map(event).collect(),
        command_id: Uuid::new_v4(),
        body_hash: "0".repeat(64),
        correlation_id: Uuid::nil(),
        user_id: "alice".to_owned(),
        timestamp: at(second),
        metadata: Map::new(),
    }
}

/// When the commit of that number was accepted, from 1.
pub fn at(second: i64) -> Timestamp {
    chrono::DateTime::from_timestamp(second, 0).unwrap().into()
}

pub fn time_of_commit(number: i64) -> String {
    at(BEGIN + number - 1).to_string()
}

/// Writes an execution of attempt 1 that is in the midst of `CreateRepository`, or ended there.
pub fn execution(world: &World, tenant: &str, project: &str, end: Option<Outcome>) {
    named(world, tenant, project, format!("prj-{project}-1"), end);
}

/// The same, of one that undoes the attempt for that cause.
pub fn undoing(world: &World, tenant: &str, project: &str, cause: &str, end: Option<Outcome>) {
    named(world, tenant, project, format!("prj-{project}-1-undo-{cause}"), end);
}

fn named(world: &World, tenant: &str, project: &str, name: String, end: Option<Outcome>) {
    let journal = SqliteJournal::new(CloudDb::open(&world.data().join("cloud.db")).unwrap());
    let now = at(BEGIN).date_time();
    let input = json!({
        "tenantId": tenant, "projectId": project, "correlationId": Uuid::nil(), "attempt": 1
    });
    let execution = Execution {
        name,
        machine: "a machine nobody has".to_owned(),
        input,
        status: Status::Running,
        output: None,
        error: None,
        cause: None,
        started_at: now,
        stopped_at: None,
    };
    let state = "CreateRepository";
    let first =
        json!({ "state": state, "input": {}, "variables": {}, "entered_at": now, "retries_used": [] });
    let first: Checkpoint = serde_json::from_value(first).unwrap();
    let event = |kind| NewEvent { timestamp: now, kind, state: Some(state.to_owned()), detail: json!({}) };
    let events = [event(EventKind::StateEntered), event(EventKind::TaskStarted)];
    assert!(journal.begin(&execution, &first, &events).unwrap());
    if let Some(outcome) = end {
        journal.finish(&execution.name, &outcome, at(BEGIN + 60).date_time(), &[]).unwrap();
    }
}

pub fn aborted() -> Outcome {
    Outcome::Aborted(Failure::new("States.Aborted", "stopped by hand"))
}
