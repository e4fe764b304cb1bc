//! The life of an attempt: begun, carried forward, closed by its failure, undone or kept, stuck, resolved.

use serde_json::{Map, json};
use skafu_events::DomainEvent;
use skafu_events::project::ProjectEvent;

use super::*;
use crate::given::given;
use crate::{Aggregate, Claim, Decision, Rejection, UniqueName};

const ID: &str = "p1";

/// A project that was asked for, to be undone or kept if it fails.
fn asked(on_failure: &str) -> Vec<ProjectEvent> {
    let data = json!({
        "name": "Demo Shop", "ownerId": "alice", "templateId": "t", "options": { "onFailure": on_failure }
    });
    vec![ProjectEvent::decode("ProjectCreated", 1, &data).unwrap()]
}

fn begin(attempt: u32) -> ProjectCommand {
    ProjectCommand::BeginProvisioning(BeginProvisioning { project_id: ID.to_owned(), attempt })
}

fn select(attempt: u32) -> ProjectCommand {
    ProjectCommand::SelectTemplate(SelectTemplate {
        project_id: ID.to_owned(),
        attempt,
        template_tenant: "_shared".to_owned(),
        template_revision: "r1".to_owned(),
        parameters: Map::new(),
    })
}

fn render(attempt: u32) -> ProjectCommand {
    let (project_id, bundle_sha256) = (ID.to_owned(), "5a".to_owned());
    ProjectCommand::RecordRendering(RecordRendering { project_id, attempt, bundle_sha256, file_count: 3 })
}

fn configure(attempt: u32) -> ProjectCommand {
    let repository = RepositoryInput {
        repository_id: ID.to_owned(),
        name: "demo-shop".to_owned(),
        location: "acme/p1/demo-shop.git".to_owned(),
        default_branch: "main".to_owned(),
        initial_commit_id: "c0ffee".to_owned(),
    };
    ProjectCommand::ConfigureProject(ConfigureProject { project_id: ID.to_owned(), attempt, repository })
}

fn error() -> FailureInput {
    FailureInput { code: "Taken".to_owned(), message: "the place is taken".to_owned() }
}

fn fail_at(step: &str, attempt: u32) -> ProjectCommand {
    ProjectCommand::FailProjectCreation(FailProjectCreation {
        project_id: ID.to_owned(),
        attempt,
        failed_step: step.to_owned(),
        error: error(),
    })
}

fn fail(attempt: u32) -> ProjectCommand {
    fail_at("CreateRepository", attempt)
}

fn compensate(attempt: u32) -> ProjectCommand {
    let compensations = vec!["DiscardRepository".to_owned()];
    let project_id = ID.to_owned();
    ProjectCommand::CompensateProjectCreation(CompensateProjectCreation {
        project_id,
        attempt,
        compensations,
    })
}

fn stick(attempt: u32) -> ProjectCommand {
    ProjectCommand::ReportStuckCreation(ReportStuckCreation {
        project_id: ID.to_owned(),
        attempt,
        failed_step: "DiscardRepository".to_owned(),
        error: error(),
    })
}

fn retry() -> ProjectCommand {
    ProjectCommand::RetryProjectCreation(RetryProjectCreation { project_id: ID.to_owned() })
}

fn undo_again() -> ProjectCommand {
    ProjectCommand::RetryCompensation(RetryCompensation { project_id: ID.to_owned() })
}

fn resolve() -> ProjectCommand {
    let (project_id, note) = (ID.to_owned(), "removed by hand".to_owned());
    ProjectCommand::ResolveProjectCreation(ResolveProjectCreation { project_id, note })
}

fn delete() -> ProjectCommand {
    ProjectCommand::DeleteProject(DeleteProject { project_id: ID.to_owned(), reason: "over".to_owned() })
}

fn after(on_failure: &str, commands: impl IntoIterator<Item = ProjectCommand>) -> Vec<ProjectEvent> {
    commands.into_iter().fold(asked(on_failure), |mut history, command| {
        history.extend(given::<Project>(history.clone()).when(command).unwrap().events);
        history
    })
}

fn types(history: Vec<ProjectEvent>, command: ProjectCommand) -> Vec<String> {
    let events = given::<Project>(history).when(command).unwrap().events;
    events.iter().map(|event| event.encode().unwrap().0).collect()
}

#[track_caller]
fn refused(rule: &str, history: Vec<ProjectEvent>, command: ProjectCommand) {
    let decision = given::<Project>(history).when(command);
    let by_rule = matches!(&decision, Err(Rejection::Rule { rule: broken, .. }) if *broken == rule);
    assert!(by_rule, "expected the rule {rule}, not {decision:?}");
}

fn state(history: Vec<ProjectEvent>) -> Project {
    let mut state = Project::default();
    history.iter().for_each(|event| state.evolve(event));
    state
}

#[test]
fn the_saga_carries_a_project_from_draft_to_ready() {
    let steps = [begin(1), select(1), render(1), configure(1)];
    let expected = ["ProjectCreationStarted", "TemplateSelected", "TemplateRendered", "ProjectConfigured"];
    for (done, expected) in expected.into_iter().enumerate() {
        let history = after("compensate", steps[..done].to_vec());
        assert_eq!(types(history, steps[done].clone()), [expected]);
    }
    assert_eq!(state(after("compensate", steps)).status, ProjectStatus::Ready);
}

#[test]
fn every_step_runs_twice_safely() {
    let forward = [begin(1), select(1), render(1), configure(1)];
    let undone = [begin(1), fail(1), stick(1), compensate(1)];
    for steps in [forward, undone] {
        for done in 1..=steps.len() {
            let history = after("compensate", steps[..done].to_vec());
            assert_eq!(given::<Project>(history).when(steps[done - 1].clone()), Ok(Decision::nothing()));
        }
    }
}

#[test]
fn an_attempt_the_project_does_not_await_does_not_begin() {
    let ready = after("compensate", [begin(1), select(1), configure(1)]);
    let kept = after("keepForRetry", [begin(1), fail(1)]);
    let again = after("keepForRetry", [begin(1), fail(1), retry()]);
    for (history, attempt) in
        [(asked("compensate"), 2), (ready, 1), (kept, 2), (again.clone(), 1), (again, 3)]
    {
        refused("awaits-attempt", history, begin(attempt));
    }
}

#[test]
fn a_failure_closes_the_attempt_so_that_nothing_late_is_recorded() {
    let failed = after("compensate", [begin(1), select(1), fail(1)]);
    for late in [select(1), render(1), configure(1)] {
        refused("attempt-under-way", failed.clone(), late);
    }
    // Nor does anything late of the first attempt pass for something of the second.
    let second = after("keepForRetry", [begin(1), fail(1), retry(), begin(2)]);
    for late in [select(1), render(1), configure(1)] {
        refused("attempt-under-way", second.clone(), late);
    }
    refused("current-attempt", second, fail(1));
}

#[test]
fn an_attempt_may_fail_before_it_began_but_not_after_it_succeeded() {
    assert_eq!(types(asked("compensate"), fail(1)), ["ProjectCreationFailed"]);
    refused("not-ready", after("compensate", [begin(1), configure(1)]), fail(1));
}

#[test]
fn the_name_is_free_once_all_is_undone_and_not_before() {
    let failed = after("compensate", [begin(1)]);
    assert!(given::<Project>(failed).when(fail(1)).unwrap().claims.is_empty());
    let undone = given::<Project>(after("compensate", [begin(1), fail(1)])).when(compensate(1)).unwrap();
    assert_eq!(undone.claims, [Claim::Release(UniqueName::project("demo shop"))]);
    // Somebody else may have the name by then.
    let deleted = given::<Project>(after("compensate", [begin(1), fail(1), compensate(1)])).when(delete());
    assert!(deleted.unwrap().claims.is_empty());
}

#[test]
fn what_is_kept_for_a_retry_is_not_undone_and_goes_on_where_it_ended() {
    let kept = after("keepForRetry", [begin(1), select(1), render(1), fail(1)]);
    assert!(state(kept.clone()).is_kept());
    refused("not-kept", kept.clone(), compensate(1));
    refused("not-kept", kept.clone(), undo_again());
    assert_eq!(types(kept.clone(), retry()), ["ProjectCreationRetried"]);
    let second = after("keepForRetry", [begin(1), select(1), render(1), fail(1), retry(), begin(2)]);
    let project = state(second.clone());
    assert_eq!((project.status, project.attempt), (ProjectStatus::Configuring, 2));
    assert!(project.selection.is_some() && project.bundle_sha256.is_some());
    assert_eq!(given::<Project>(second).when(select(2)), Ok(Decision::nothing()));
}

#[test]
fn a_revision_that_cannot_be_rendered_is_not_selected_again() {
    let history = [begin(1), select(1), fail_at("RenderTemplate", 1), retry(), begin(2)];
    assert!(state(after("keepForRetry", history)).selection.is_none());
}

#[test]
fn only_a_creation_that_failed_and_was_kept_is_tried_again() {
    refused("failed", asked("keepForRetry"), retry());
    refused("failed", after("keepForRetry", [begin(1), fail(1), retry()]), retry());
    refused("kept-for-retry", after("compensate", [begin(1), fail(1)]), retry());
    refused("kept-for-retry", after("compensate", [begin(1), fail(1), compensate(1)]), retry());
    let deleted = after("keepForRetry", [begin(1), fail(1), delete()]);
    assert_eq!(given::<Project>(deleted).when(retry()), Err(Rejection::NotFound("the project")));
}

#[test]
fn a_project_deleted_while_it_is_made_is_cancelled_and_undone() {
    for begun in [vec![], vec![begin(1)], vec![begin(1), select(1), render(1)]] {
        let history = after("keepForRetry", begun.into_iter().chain([delete()]));
        for step in [begin(1), select(1), render(1), configure(1)] {
            refused("not-deleted", history.clone(), step);
        }
        let deleted = state(history.clone());
        assert!(!deleted.holds_name && deleted.status == ProjectStatus::Deleted);
        // Deleted, it is not kept for anybody, whatever was asked for once.
        let mut history = history;
        history.extend(given::<Project>(history.clone()).when(fail(1)).unwrap().events);
        let undone = given::<Project>(history.clone()).when(compensate(1)).unwrap();
        assert_eq!((undone.events.len(), undone.claims), (1, vec![]));
        history.extend(undone.events);
        assert_eq!(state(history).status, ProjectStatus::Deleted);
    }
}

#[test]
fn deleting_what_was_kept_says_which_attempt_is_to_be_undone() {
    let undo = |history| match given::<Project>(history).when(delete()).unwrap().events.pop() {
        Some(ProjectEvent::ProjectDeleted(deleted)) => deleted.attempt_to_undo,
        other => panic!("expected a deletion, not {other:?}"),
    };
    assert_eq!(undo(after("keepForRetry", [begin(1), fail(1)])), Some(1));
    assert_eq!(undo(after("keepForRetry", [begin(1), fail(1), retry(), begin(2), fail(2)])), Some(2));
    // Whatever else is left is undone by the execution that is at it.
    for others in [vec![], vec![begin(1)], vec![begin(1), fail(1)], vec![begin(1), configure(1)]] {
        assert_eq!(undo(after("compensate", others)), None);
    }
    let deleted = after("keepForRetry", [begin(1), fail(1), delete()]);
    assert_eq!(types(deleted, compensate(1)), ["ProjectCreationCompensated"]);
}

#[test]
fn a_stuck_creation_holds_its_name_until_an_operator_has_seen_to_it() {
    let stuck = after("compensate", [begin(1), fail(1), stick(1)]);
    let project = state(stuck.clone());
    assert!(project.stuck && project.holds_name && project.status == ProjectStatus::Failed);
    assert_eq!(types(stuck.clone(), undo_again()), ["ProjectCompensationRetried"]);
    let resolved = given::<Project>(stuck.clone()).when(resolve()).unwrap();
    assert_eq!(resolved.claims, [Claim::Release(UniqueName::project("demo shop"))]);
    let again = after("compensate", [begin(1), fail(1), stick(1), undo_again(), stick(1), undo_again()]);
    assert_eq!(state(again.clone()).rounds, 2);
    assert_eq!(types(again, compensate(1)), ["ProjectCreationCompensated"]);
    refused("stuck", after("compensate", [begin(1), fail(1)]), resolve());
}

#[test]
fn an_attempt_whose_failure_could_not_be_recorded_is_closed_by_the_report_that_it_is_stuck() {
    for left in [vec![], vec![begin(1)], vec![begin(1), select(1), delete()]] {
        let history = after("keepForRetry", left);
        assert_eq!(types(history.clone(), stick(1)), ["ProjectCreationFailed", "ProjectCreationStuck"]);
        let history = [history.clone(), given::<Project>(history).when(stick(1)).unwrap().events].concat();
        let project = state(history.clone());
        assert!(project.stuck && !project.is_kept(), "nobody has kept it for anything: it is to be undone");
        assert_eq!(types(history.clone(), compensate(1)), ["ProjectCreationCompensated"]);
        assert_eq!(given::<Project>(history).when(stick(1)), Ok(Decision::nothing()));
    }
    refused("failed", after("compensate", [begin(1)]), stick(2));
    refused("failed", after("compensate", [begin(1), configure(1)]), stick(1));
    refused("failed", after("keepForRetry", [begin(1), fail(1), retry()]), stick(1));
    refused("not-kept", after("keepForRetry", [begin(1), fail(1)]), stick(1));
}

#[test]
fn an_attempt_nobody_carries_on_can_be_given_up() {
    for left in [vec![], vec![begin(1)]] {
        assert_eq!(types(after("keepForRetry", left), undo_again()), ["ProjectCompensationRetried"]);
    }
    assert_eq!(types(after("compensate", [begin(1), fail(1)]), undo_again()), ["ProjectCompensationRetried"]);
}

#[test]
fn there_is_nothing_to_undo_once_it_is_undone_or_ready() {
    refused("not-undone", after("compensate", [begin(1), fail(1), compensate(1)]), undo_again());
    refused("not-ready", after("compensate", [begin(1), configure(1)]), undo_again());
    refused("failed", after("compensate", [begin(1)]), compensate(1));
}

#[test]
fn a_project_keeps_the_place_it_was_first_made_under() {
    let renamed = ProjectCommand::UpdateProject(UpdateProject {
        project_id: ID.to_owned(),
        name: Some("Better Shop".to_owned()),
        description: None,
        configuration: ConfigurationChanges::default(),
    });
    let project = state(after("keepForRetry", [begin(1), renamed, fail(1), retry(), begin(2)]));
    assert_eq!(project.made_as.as_deref(), Some("Demo Shop"));
    assert_eq!(project.created.unwrap().name, "Better Shop");
}
