use serde_json::json;
use skafu_events::Tenant;
use skafu_functions::saga::SagaInput;
use uuid::Uuid;

use super::*;
use crate::states::{Checkpoint, Failure, NewEvent, Outcome};

const PROJECT: &str = "305a48ab-0be3-592c-8f28-88ef2bf2f2f3";

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
}

fn input(tenant: &str, attempt: u32) -> SagaInput {
    SagaInput {
        tenant_id: Tenant::new(tenant).unwrap(),
        project_id: PROJECT.to_owned(),
        correlation_id: Uuid::nil(),
        attempt,
        undo: None,
    }
}

fn event(second: i64, kind: EventKind, state: &str, detail: Value) -> NewEvent {
    NewEvent { timestamp: at(second), kind, state: Some(state.to_owned()), detail }
}

/// A journal with one execution, to which these events happened.
fn journal(input: &SagaInput, events: &[NewEvent]) -> (SqliteJournal, String) {
    let journal = SqliteJournal::new(CloudDb::in_memory().unwrap());
    let name = begin(&journal, input);
    journal.record(&name, None, events).unwrap();
    (journal, name)
}

fn begin(journal: &SqliteJournal, input: &SagaInput) -> String {
    let execution = Execution {
        name: input.execution_name(),
        machine: "creation".to_owned(),
        input: serde_json::to_value(input).unwrap(),
        status: Status::Running,
        output: None,
        error: None,
        cause: None,
        started_at: at(0),
        stopped_at: None,
    };
    let first = json!({
        "state": "BeginProvisioning", "input": {}, "variables": {}, "entered_at": at(0), "retries_used": []
    });
    let first: Checkpoint = serde_json::from_value(first).unwrap();
    assert!(journal.begin(&execution, &first, &[]).unwrap());
    execution.name
}

fn told(journal: SqliteJournal) -> SagaRun {
    let mut runs = Sagas(journal).of("acme", PROJECT).unwrap();
    assert_eq!(runs.len(), 1, "{runs:?}");
    runs.remove(0)
}

#[test]
fn a_step_that_succeeded_at_the_second_try_tells_what_it_left() {
    let (journal, _) = journal(
        &input("acme", 1),
        &[
            event(1, EventKind::StateEntered, "SelectTemplate", json!({})),
            event(1, EventKind::TaskStarted, "SelectTemplate", json!({})),
            event(2, EventKind::StateFailed, "SelectTemplate", json!({ "error": "Retryable", "cause": "" })),
            event(2, EventKind::RetryScheduled, "SelectTemplate", json!({})),
            event(4, EventKind::TaskStarted, "SelectTemplate", json!({})),
            event(
                5,
                EventKind::TaskSucceeded,
                "SelectTemplate",
                json!({ "result": { "Payload": { "templateTenant": "acme", "templateRevision": "r1" } } }),
            ),
            event(5, EventKind::StateExited, "SelectTemplate", json!({})),
            event(5, EventKind::StateEntered, "WantsAnalysis", json!({})),
            event(5, EventKind::StateExited, "WantsAnalysis", json!({})),
        ],
    );
    let run = told(journal);
    assert_eq!((run.status, run.error, run.stopped_at), (Status::Running, None, None));
    let step = SagaStep {
        name: "SelectTemplate".to_owned(),
        state: StepState::Succeeded,
        tries: 2,
        began_at: at(1),
        ended_at: Some(at(5)),
        error: None,
        output: Some("r1".to_owned()),
    };
    assert_eq!(run.steps, [step], "a choice is no step");
}

#[test]
fn a_step_that_failed_for_good_tells_the_message_of_its_error_object() {
    let cause = json!({ "errorType": "Rejected", "errorMessage": "line 3: no such variable" }).to_string();
    let (journal, name) = journal(
        &input("acme", 1),
        &[
            event(1, EventKind::StateEntered, "RenderTemplate", json!({})),
            event(1, EventKind::TaskStarted, "RenderTemplate", json!({})),
            event(
                2,
                EventKind::StateFailed,
                "RenderTemplate",
                json!({ "error": "Rejected", "cause": cause }),
            ),
            event(2, EventKind::FailureCaught, "RenderTemplate", json!({})),
            event(2, EventKind::StateExited, "RenderTemplate", json!({})),
        ],
    );
    let failure = Failure::new("ProjectCreationFailed", "RenderTemplate: Rejected");
    journal.finish(&name, &Outcome::Failed(failure), at(9), &[]).unwrap();
    let run = told(journal);
    let named = |error: &SagaError| (error.name.clone(), error.message.clone());
    assert_eq!((run.status, run.stopped_at), (Status::Failed, Some(at(9))));
    assert_eq!(run.error.as_ref().map(named).unwrap().0, "ProjectCreationFailed");
    let step = &run.steps[0];
    assert_eq!((step.state, step.tries, step.ended_at), (StepState::Failed, 1, Some(at(2))));
    assert_eq!(
        step.error.as_ref().map(named),
        Some(("Rejected".to_owned(), "line 3: no such variable".to_owned()))
    );
}

#[test]
fn a_step_its_execution_was_stopped_in_is_stopped() {
    let (journal, name) = journal(
        &input("acme", 1),
        &[
            event(1, EventKind::StateEntered, "CreateRepository", json!({})),
            event(1, EventKind::TaskStarted, "CreateRepository", json!({})),
        ],
    );
    assert_eq!(told(journal.clone()).steps[0].state, StepState::Running);
    journal.finish(&name, &Outcome::Aborted(Failure::new("Stopped", "by hand")), at(7), &[]).unwrap();
    let step = told(journal).steps.remove(0);
    assert_eq!((step.state, step.ended_at), (StepState::Stopped, Some(at(7))));
}

#[test]
fn every_attempt_of_that_project_is_told_and_nothing_of_other_tenants() {
    let (journal, first) = journal(&input("acme", 1), &[]);
    let second = begin(&journal, &input("acme", 2));
    let names = |tenant: &str, project: &str| {
        let runs = Sagas(journal.clone()).of(tenant, project).unwrap();
        runs.into_iter().map(|run| run.name).collect::<Vec<_>>()
    };
    assert_eq!(names("acme", PROJECT), [first, second]);
    assert_eq!(names("other", PROJECT), Vec::<String>::new());
    assert_eq!(names("acme", "305a48ab"), Vec::<String>::new(), "an id that begins like it is another");
}

#[test]
fn what_a_step_leaves_is_a_reference_or_nothing() {
    for (payload, reference_told) in [
        (json!({ "bundleKey": "k", "bundleSha256": "5a", "fileCount": 3 }), Some("5a")),
        (json!({ "repositoryId": "r", "location": "acme/p/x.git" }), Some("acme/p/x.git")),
        (json!({ "retryAfterSeconds": 30 }), Some("retryAfterSeconds 30")),
        (json!({ "skipped": ["a", "b"] }), Some("skipped a, b")),
        (json!({ "skipped": [] }), None),
        (json!({ "projectId": PROJECT }), None),
        (json!({ "location": "x".repeat(10_000) }), None),
        (json!("a whole output"), None),
    ] {
        let told = reference(&json!({ "Payload": payload, "StatusCode": 200 }));
        assert_eq!(told.as_deref(), reference_told, "{payload}");
    }
}
