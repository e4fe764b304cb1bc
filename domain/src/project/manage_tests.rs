use std::collections::BTreeMap;

use serde_json::{Value, json};
use skafu_events::DomainEvent;
use skafu_events::project::ProjectEvent;

use super::*;
use crate::given::{alice, given};
use crate::{Aggregate, Claim, Decision, Rejection, UniqueName, changed};

/// An event as it stands on record.
fn event(name: &str, data: Value) -> ProjectEvent {
    ProjectEvent::decode(name, 1, &data).unwrap()
}

fn draft() -> Vec<ProjectEvent> {
    let configuration = json!({
        "runtime": "python3.12", "region": "eu-west-1", "features": ["database"], "environment": { "A": "1" }
    });
    let created = json!({
        "name": "Demo Shop", "description": "Sells things", "ownerId": "alice", "templateId": "t",
        "templateParameters": {}, "configuration": configuration
    });
    vec![event("ProjectCreated", created)]
}

fn with(mut history: Vec<ProjectEvent>, more: &[(&str, Value)]) -> Vec<ProjectEvent> {
    history.extend(more.iter().map(|(name, data)| event(name, data.clone())));
    history
}

fn configuring() -> Vec<ProjectEvent> {
    with(draft(), &[("ProjectCreationStarted", json!({ "attempt": 1 }))])
}

fn ready() -> Vec<ProjectEvent> {
    let repository = json!({
        "repositoryId": "p1", "name": "demo-shop", "location": "acme/p1/demo-shop.git",
        "defaultBranch": "main", "initialCommitId": "c0ffee"
    });
    with(configuring(), &[("ProjectConfigured", json!({ "repository": repository }))])
}

fn archived() -> Vec<ProjectEvent> {
    with(ready(), &[("ProjectArchived", json!({}))])
}

fn deleted() -> Vec<ProjectEvent> {
    with(ready(), &[("ProjectDeleted", json!({ "reason": "over" }))])
}

fn failed() -> Vec<ProjectEvent> {
    let error = json!({ "code": "Taken", "message": "the place is taken" });
    let failure = json!({ "attempt": 1, "failedStep": "CreateRepository", "error": error });
    let undone = json!({ "attempt": 1, "compensations": [] });
    with(configuring(), &[("ProjectCreationFailed", failure), ("ProjectCreationCompensated", undone)])
}

fn update() -> UpdateProject {
    UpdateProject {
        project_id: "p1".to_owned(),
        name: None,
        description: None,
        configuration: ConfigurationChanges::default(),
    }
}

fn rename(name: &str) -> ProjectCommand {
    ProjectCommand::UpdateProject(UpdateProject { name: Some(name.to_owned()), ..update() })
}

fn configure(configuration: ConfigurationChanges) -> ProjectCommand {
    ProjectCommand::UpdateProject(UpdateProject { configuration, ..update() })
}

fn describe(description: &str) -> ProjectCommand {
    ProjectCommand::UpdateProject(UpdateProject { description: Some(description.to_owned()), ..update() })
}

fn archive() -> ProjectCommand {
    ProjectCommand::ArchiveProject(ArchiveProject { project_id: "p1".to_owned(), reason: None })
}

fn restore() -> ProjectCommand {
    let reason = Some("needed again".to_owned());
    ProjectCommand::RestoreProject(RestoreProject { project_id: "p1".to_owned(), reason })
}

fn delete() -> ProjectCommand {
    ProjectCommand::DeleteProject(DeleteProject { project_id: "p1".to_owned(), reason: "over".to_owned() })
}

fn when(history: Vec<ProjectEvent>, command: ProjectCommand) -> Result<Decision<ProjectEvent>, Rejection> {
    given::<Project>(history).when(command)
}

/// The one event a command leads to, as it goes on record.
fn written(history: Vec<ProjectEvent>, command: ProjectCommand) -> (String, Value) {
    let decision = when(history, command).unwrap();
    let [event] = &decision.events[..] else { panic!("one event, not {decision:?}") };
    let (name, _, data) = event.encode().unwrap();
    (name, data)
}

#[track_caller]
fn against(rule: &str, decision: Result<Decision<ProjectEvent>, Rejection>) {
    assert!(
        matches!(&decision, Err(Rejection::Rule { rule: broken, .. }) if *broken == rule),
        "{decision:?}"
    );
}

#[test]
fn an_update_says_what_changes_and_what_it_replaces() {
    for history in [draft(), configuring(), ready()] {
        let (name, data) = written(history, describe("Sells more"));
        assert_eq!(name, "ProjectUpdated");
        let (new, old) = (json!({ "description": "Sells more" }), json!({ "description": "Sells things" }));
        assert_eq!(data, json!({ "changes": new, "previousValues": old }));
    }
}

#[test]
fn what_an_update_leaves_out_stays() {
    let changes = ConfigurationChanges { region: Some("us-east-1".to_owned()), ..Default::default() };
    let (_, data) = written(ready(), configure(changes));
    let expected = json!({
        "runtime": "python3.12", "region": "us-east-1", "features": ["database"], "environment": { "A": "1" }
    });
    assert_eq!(data["changes"], json!({ "configuration": expected }));
}

#[test]
fn features_and_variables_are_replaced_as_a_whole() {
    let environment = Some(BTreeMap::from([("B".to_owned(), "2".to_owned())]));
    let changes = ConfigurationChanges { features: Some(vec![]), environment, ..Default::default() };
    let decision = when(ready(), configure(changes)).unwrap();
    let mut state = Project::default();
    ready().iter().chain(&decision.events).for_each(|event| state.evolve(event));
    let configuration = state.created.unwrap().configuration;
    assert_eq!(configuration.features, Vec::<String>::new());
    assert_eq!(configuration.environment, BTreeMap::from([("B".to_owned(), "2".to_owned())]));
}

#[test]
fn an_update_to_what_is_so_already_is_nothing() {
    let same = ConfigurationChanges { region: Some("eu-west-1".to_owned()), ..Default::default() };
    let nothing = ProjectCommand::UpdateProject(update());
    for command in [nothing, rename(" Demo Shop "), describe("Sells things"), configure(same)] {
        assert_eq!(when(ready(), command), Ok(Decision::nothing()));
    }
}

#[test]
fn a_rename_gives_the_old_name_back_and_takes_the_new_one() {
    let decision = when(ready(), rename(" Better Shop ")).unwrap();
    let (old, new) = (UniqueName::project("demo shop"), UniqueName::project("better shop"));
    assert_eq!(decision.claims, [Claim::Release(old), Claim::Take(new)]);
    let (_, data) = written(ready(), rename(" Better Shop "));
    assert_eq!(data["changes"], json!({ "name": "Better Shop" }));
}

#[test]
fn a_rename_in_case_alone_keeps_the_name_it_holds() {
    let decision = when(ready(), rename("DEMO shop")).unwrap();
    assert_eq!((decision.events.len(), decision.claims), (1, vec![]));
}

#[test]
fn a_second_rename_gives_back_the_name_of_the_first() {
    let mut history = ready();
    history.extend(when(ready(), rename("Second")).unwrap().events);
    let claims = when(history, rename("Third")).unwrap().claims;
    let (second, third) = (UniqueName::project("second"), UniqueName::project("third"));
    assert_eq!(claims, [Claim::Release(second), Claim::Take(third)]);
}

#[test]
fn everything_wrong_with_an_update_is_said_at_once() {
    let configuration = ConfigurationChanges {
        runtime: Some("cobol".to_owned()),
        features: Some(vec!["a".to_owned(), "a".to_owned()]),
        environment: Some(BTreeMap::from([("A".to_owned(), "x".repeat(1001))])),
        ..Default::default()
    };
    let command = UpdateProject { name: Some("System".to_owned()), configuration, ..update() };
    let Err(Rejection::Invalid(found)) = when(ready(), ProjectCommand::UpdateProject(command)) else {
        panic!("violations")
    };
    let codes: Vec<_> = found.iter().map(|violation| violation.code.as_str()).collect();
    assert_eq!(codes, ["reserved", "choice", "unique", "maxLength"]);
}

#[test]
fn what_is_archived_or_failed_is_not_changed() {
    for history in [archived(), failed()] {
        against("active", when(history, describe("x")));
    }
}

#[test]
fn a_ready_project_is_archived_and_restored_with_its_name() {
    let decision = when(ready(), archive()).unwrap();
    assert_eq!((decision.events.len(), decision.claims), (1, vec![]));
    assert_eq!(written(ready(), archive()), ("ProjectArchived".to_owned(), json!({})));
    let (name, data) = written(archived(), restore());
    assert_eq!((name.as_str(), data), ("ProjectRestored", json!({ "reason": "needed again" })));
    let restored = with(archived(), &[("ProjectRestored", json!({}))]);
    assert_eq!(written(restored, archive()).0, "ProjectArchived");
}

#[test]
fn archiving_restoring_and_deleting_twice_is_nothing_more() {
    for (history, command) in [(archived(), archive()), (ready(), restore()), (deleted(), delete())] {
        assert_eq!(when(history, command), Ok(Decision::nothing()));
    }
}

#[test]
fn only_a_ready_project_is_archived_and_only_an_archived_one_restored() {
    for history in [draft(), configuring(), failed()] {
        against("ready", when(history.clone(), archive()));
        against("archived", when(history, restore()));
    }
}

#[test]
fn a_deleted_project_gives_its_present_name_back() {
    let mut renamed = ready();
    renamed.extend(when(ready(), rename("Better Shop")).unwrap().events);
    for (history, name) in [(ready(), "demo shop"), (archived(), "demo shop"), (renamed, "better shop")] {
        let decision = when(history.clone(), delete()).unwrap();
        assert_eq!(decision.claims, [Claim::Release(UniqueName::project(name))]);
        assert_eq!(written(history, delete()), ("ProjectDeleted".to_owned(), json!({ "reason": "over" })));
    }
}

#[test]
fn a_failed_project_is_deleted_without_a_name_to_give_back() {
    let decision = when(failed(), delete()).unwrap();
    assert_eq!((decision.events.len(), decision.claims), (1, vec![]));
}

#[test]
fn a_project_that_is_not_there_or_deleted_is_not_found() {
    let not_found = Err(Rejection::NotFound("the project"));
    for history in [vec![], deleted()] {
        for command in [describe("x"), archive(), restore()] {
            assert_eq!(when(history.clone(), command), not_found);
        }
    }
    assert_eq!(when(vec![], delete()), not_found);
}

#[test]
fn an_owner_stays_the_owner_whatever_becomes_of_the_project() {
    for history in [draft(), ready(), archived(), deleted(), failed()] {
        let mut state = Project::default();
        history.iter().for_each(|event| state.evolve(event));
        assert_eq!(state.owner(), Some(alice().user_id()));
    }
}

#[test]
fn variables_are_one_field_since_commands_replace_them_all() {
    let environment = Some(BTreeMap::from([("B".to_owned(), "2".to_owned())]));
    let changes = ConfigurationChanges { environment, ..Default::default() };
    let mut state = Project::default();
    ready().iter().for_each(|event| state.evolve(event));
    let before = state.fields();
    when(ready(), configure(changes)).unwrap().events.iter().for_each(|event| state.evolve(event));
    assert_eq!(changed(&before, &state.fields()), ["configuration.environment"]);
}
