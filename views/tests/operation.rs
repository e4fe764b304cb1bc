//! Given commits of one request, then how far it got.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod support;

use serde_json::{from_value, json};
use skafu_views::{Operation, OperationError, OperationPart, OperationStatus, OperationView};
use support::{Story, at, correlation, key, rows};

/// The parts of the operation with correlation id 0.
fn parts(story: &Story) -> Vec<OperationPart> {
    let rows = rows::<OperationView>(story);
    let partition = key::<OperationView>(&format!("OP#{}", correlation(0)), "").0;
    let inside = rows.0.iter().filter(|((it, _), _)| *it == partition);
    inside.map(|(_, part)| from_value(part.clone()).unwrap()).collect()
}

fn operation(story: &Story) -> Operation {
    Operation::of(&parts(story)).unwrap()
}

fn steps(operation: &Operation) -> Vec<&str> {
    operation.steps.iter().map(|step| step.name.as_str()).collect()
}

#[test]
fn a_creation_is_accepted_then_running_then_succeeded() {
    let mut story = Story::default();
    assert_eq!(operation(story.created("1", "alice")).status, OperationStatus::Accepted);
    for go_on in [Story::selected, Story::rendered, Story::repository_made] {
        let operation = operation(go_on(&mut story, "1"));
        assert_eq!((operation.status, operation.ended_at), (OperationStatus::Running, None));
    }
    let operation = operation(story.configured("1"));
    assert_eq!((operation.status, operation.error.as_ref()), (OperationStatus::Succeeded, None));
    assert_eq!((operation.started_at, operation.ended_at), (at(1), Some(at(5))));
    assert_eq!(operation.resource_id, "1");
    assert_eq!(
        steps(&operation),
        ["BeginProvisioning", "SelectTemplate", "RenderTemplate", "CreateRepository", "ConfigureProject"]
    );
    assert!(operation.steps.iter().all(|step| step.attempt == 1 && step.error.is_none()));
}

#[test]
fn a_creation_that_fails_is_undone_and_says_why() {
    let mut story = Story::default();
    story.created("1", "alice").selected("1").rendered("1").repository_made("1").repository_discarded("1");
    assert_eq!(operation(&story).status, OperationStatus::Compensating);
    story.failed("1", "ConfigureProject", &["DiscardRepository", "DiscardRendering"]);
    let operation = operation(&story);
    let why = OperationError {
        code: "Rejected".to_owned(),
        message: "it would not".to_owned(),
        step: "ConfigureProject".to_owned(),
    };
    assert_eq!((operation.status, operation.ended_at), (OperationStatus::Compensated, Some(at(6))));
    assert_eq!(operation.error.as_ref(), Some(&why));
    assert_eq!(
        steps(&operation)[3..],
        ["CreateRepository", "DiscardRepository", "ConfigureProject", "CompensateProject"]
    );
    let failed: Vec<_> = operation.steps.iter().filter(|step| step.error.is_some()).collect();
    assert_eq!((failed.len(), failed[0].name.as_str()), (1, "ConfigureProject"));
}

#[test]
fn a_creation_that_fails_before_anything_was_made_has_failed() {
    let mut story = Story::default();
    let operation = operation(story.created("1", "alice").failed("1", "SelectTemplate", &[]));
    assert_eq!((operation.status, operation.ended_at), (OperationStatus::Failed, Some(at(2))));
    assert_eq!(operation.error.unwrap().step, "SelectTemplate");
}

#[test]
fn a_command_without_a_saga_has_succeeded_at_once() {
    let mut story = Story { correlation: 9, ..Story::default() };
    story.created("1", "alice").made("1").correlation = 0;
    let operation = operation(story.renamed("1", "Shop"));
    assert_eq!((operation.status, operation.steps.len()), (OperationStatus::Succeeded, 0));
    assert_eq!((operation.resource_id.as_str(), operation.ended_at), ("1", Some(at(6))));
}

#[test]
fn a_plain_command_amid_a_saga_does_not_end_it() {
    let mut story = Story::default();
    story.created("1", "alice").selected("1").renamed("1", "Shop");
    assert_eq!(operation(&story).status, OperationStatus::Running);
}

#[test]
fn a_request_has_ended_once_everything_it_asked_for_has() {
    let mut story = Story::default();
    story.created("1", "alice").made("1").created("2", "alice");
    assert_eq!(operation(&story).status, OperationStatus::Accepted);
    assert_eq!(operation(story.made("2")).status, OperationStatus::Succeeded);
}

#[test]
fn what_is_known_first_may_be_the_repository() {
    let mut story = Story::default();
    story.created("1", "alice").selected("1").repository_made("1");
    let parts: Vec<_> = parts(&story).into_iter().filter(|it| it.aggregate_id == "REPOSITORY#1").collect();
    let operation = Operation::of(&parts).unwrap();
    assert_eq!((operation.status, operation.resource_id.as_str()), (OperationStatus::Running, "1"));
}

/// Two creations under one correlation id: alice's, and bob's, which fails.
fn intruded() -> Vec<OperationPart> {
    let mut story = Story::default();
    story.created("1", "alice").made("1").created("2", "bob").failed("2", "SelectTemplate", &[]);
    parts(&story)
}

#[test]
fn a_request_under_somebody_elses_correlation_id_is_kept_apart() {
    let told = |viewer: &str| {
        let operation = Operation::of(&OperationPart::of_request(intruded(), viewer)).unwrap();
        (operation.status, operation.resource_id)
    };
    assert_eq!(told("alice"), (OperationStatus::Succeeded, "1".to_owned()));
    assert_eq!(told("bob"), (OperationStatus::Failed, "2".to_owned()));
    assert_eq!(told("vera"), told("alice"), "others see that of who came first");
}

#[test]
fn what_the_system_does_by_itself_is_shown_whole() {
    let mut parts = intruded();
    parts.iter_mut().for_each(|part| part.user_id = "system:operator".to_owned());
    assert_eq!(OperationPart::of_request(parts.clone(), "alice"), parts);
}

#[test]
fn nothing_is_known_of_a_request_without_commits() {
    assert_eq!(Operation::of(&[]), None);
}

#[test]
fn the_order_in_which_parts_are_read_does_not_matter() {
    let mut story = Story::default();
    story.created("1", "alice").selected("1").rendered("1").repository_made("1").repository_discarded("1");
    story.failed("1", "ConfigureProject", &["DiscardRepository"]);
    let mut parts = parts(&story);
    let expected = Operation::of(&parts);
    for _ in 0..parts.len() {
        parts.rotate_left(1);
        assert_eq!(Operation::of(&parts), expected);
    }
    parts.reverse();
    assert_eq!(Operation::of(&parts), expected);
}

#[test]
fn clocks_that_disagree_do_not_turn_an_aggregates_history_round() {
    let mut story = Story::default();
    story.created("1", "alice").selected("1");
    story.now = -10;
    let operation = operation(story.rendered("1").configured("1"));
    assert_eq!(operation.status, OperationStatus::Succeeded);
    assert_eq!(steps(&operation)[2..], ["RenderTemplate", "ConfigureProject"]);
}

#[test]
fn each_step_tells_when_it_began_and_what_it_left() {
    let mut story = Story::default();
    let operation = operation(story.created("1", "alice").selected("1").rendered("1").repository_made("1"));
    let told: Vec<_> =
        operation.steps.iter().map(|it| (it.started_at, it.at, it.output.as_deref())).collect();
    let place = Some("acme/1/project-1.git");
    let expected = [(1, 2, None), (2, 2, Some("tiny@0f")), (2, 3, Some("0f")), (3, 4, place)]
        .map(|(a, b, c)| (at(a), at(b), c));
    assert_eq!(told[..3], expected[..3]);
    assert_eq!((told[3].0, told[3].1), (expected[3].0, expected[3].1));
    assert!(told[3].2.is_some());
}

fn failed(kept: bool) -> serde_json::Value {
    json!({
        "attempt": 1, "failedStep": "CreateRepository", "error": { "code": "Rejected", "message": "no" },
        "keptForRetry": kept
    })
}

#[test]
fn a_failure_that_is_kept_has_ended_and_another_attempt_goes_on() {
    let mut story = Story::default();
    story.created("1", "alice").selected("1").told("1", "system:saga", "ProjectCreationFailed", failed(true));
    assert_eq!(operation(&story).status, OperationStatus::Failed);
    story.told("1", "alice", "ProjectCreationRetried", json!({ "attempt": 2 }));
    let again = operation(&story);
    assert_eq!((again.status, again.error), (OperationStatus::Accepted, None));
    story.told("1", "system:saga", "ProjectCreationStarted", json!({ "attempt": 2 }));
    assert_eq!(operation(&story).steps.last().unwrap().attempt, 2);
}

#[test]
fn an_undoing_that_fails_is_stuck_until_somebody_sees_to_it() {
    let mut story = Story::default();
    story.created("1", "alice").selected("1").told(
        "1",
        "system:saga",
        "ProjectCreationFailed",
        failed(false),
    );
    let error = json!({ "code": "Retryable", "message": "no answer" });
    let stuck = json!({ "attempt": 1, "failedStep": "DiscardRepository", "error": error });
    let stuck = operation(story.told("1", "system:saga", "ProjectCreationStuck", stuck));
    assert_eq!(
        (stuck.status, stuck.error.unwrap().step.as_str()),
        (OperationStatus::Stuck, "DiscardRepository")
    );
    let round = json!({ "attempt": 1, "round": 1 });
    let again = operation(story.told("1", "system:operator", "ProjectCompensationRetried", round));
    assert_eq!(again.status, OperationStatus::Compensating);
    let resolved = json!({ "attempt": 1, "note": "by hand" });
    let resolved = operation(story.told("1", "system:operator", "ProjectCreationResolved", resolved));
    assert_eq!(resolved.status, OperationStatus::Failed);
}
