use serde_json::{Map, Value, json};
use skafu_events::DomainEvent;
use skafu_events::project::ProjectEvent;
use skafu_events::template::{Parameter, ParameterType};

use super::*;
use crate::given::given;
use crate::{Claim, Decision, Rejection, UniqueName};

fn runtime_parameter() -> Parameter {
    Parameter {
        default: Some(json!("python3.13")),
        choices: vec![json!("python3.12"), json!("python3.13")],
        ..Parameter::new("runtime", ParameterType::Choice)
    }
}

fn template() -> Option<PublishedTemplate> {
    Some(PublishedTemplate { parameters: vec![runtime_parameter()] })
}

fn create(name: &str) -> CreateProject {
    CreateProject {
        name: name.to_owned(),
        description: None,
        template_id: "sam-python-api".to_owned(),
        template_parameters: Map::new(),
        configuration: ConfigurationInput::default(),
    }
}

fn created() -> Vec<ProjectEvent> {
    let command = ProjectCommand::CreateProject(create("Demo Shop"));
    given::<Project>([]).knowing(template()).when(command).unwrap().events
}

fn select(attempt: u32) -> ProjectCommand {
    ProjectCommand::SelectTemplate(SelectTemplate {
        project_id: "p1".to_owned(),
        attempt,
        template_tenant: "_shared".to_owned(),
        template_revision: "r1".to_owned(),
        parameters: Map::new(),
    })
}

fn configure() -> ProjectCommand {
    ProjectCommand::ConfigureProject(ConfigureProject {
        project_id: "p1".to_owned(),
        repository: RepositoryInput {
            repository_id: "p1".to_owned(),
            name: "demo-shop".to_owned(),
            location: "acme/p1/demo-shop.git".to_owned(),
            default_branch: "main".to_owned(),
            initial_commit_id: "c0ffee".to_owned(),
        },
    })
}

fn fail() -> ProjectCommand {
    ProjectCommand::FailProjectCreation(FailProjectCreation {
        project_id: "p1".to_owned(),
        attempt: 1,
        failed_step: "CreateRepository".to_owned(),
        error: FailureInput { code: "Taken".to_owned(), message: "the place is taken".to_owned() },
        compensations: vec!["DiscardRepository".to_owned()],
    })
}

fn types(decision: Result<Decision<ProjectEvent>, Rejection>) -> Vec<String> {
    decision.unwrap().events.iter().map(|event| event.encode().unwrap().0).collect()
}

fn after(commands: impl IntoIterator<Item = ProjectCommand>) -> Vec<ProjectEvent> {
    let mut history = created();
    for command in commands {
        history.extend(given::<Project>(history.clone()).when(command).unwrap().events);
    }
    history
}

fn violations(command: CreateProject) -> Vec<(String, String)> {
    match given::<Project>([]).knowing(template()).when(ProjectCommand::CreateProject(command)) {
        Err(Rejection::Invalid(violations)) => {
            violations.into_iter().map(|violation| (violation.field, violation.code)).collect()
        }
        other => panic!("expected violations, not {other:?}"),
    }
}

#[test]
fn creating_a_project_takes_its_name_and_settles_the_runtime() {
    let command = ProjectCommand::CreateProject(create("  Demo Shop "));
    let decision = given::<Project>([]).knowing(template()).when(command).unwrap();
    assert_eq!(decision.claims, [Claim::Take(UniqueName::project("demo shop"))]);
    let [ProjectEvent::ProjectCreated(created)] = &decision.events[..] else { panic!("one event") };
    assert_eq!((created.name.as_str(), created.owner_id.as_str()), ("Demo Shop", "alice"));
    assert_eq!(created.configuration.runtime.as_deref(), Some("python3.13"));
}

#[test]
fn the_configuration_s_runtime_is_the_template_s_parameter() {
    let configuration = ConfigurationInput { runtime: Some("python3.12".to_owned()), ..Default::default() };
    let command = CreateProject { configuration, ..create("Shop") };
    let decision = given::<Project>([]).knowing(template()).when(ProjectCommand::CreateProject(command));
    let ProjectEvent::ProjectCreated(created) = decision.unwrap().events.remove(0) else { panic!() };
    assert_eq!(created.template_parameters["runtime"], json!("python3.12"));
}

#[test]
fn everything_wrong_with_a_creation_is_said_at_once() {
    let configuration = ConfigurationInput {
        runtime: Some("cobol".to_owned()),
        features: vec!["database".to_owned(), "database".to_owned()],
        environment: [("A".to_owned(), "x".repeat(1001))].into(),
        ..Default::default()
    };
    let parameters: Map<String, Value> = [("nonsense".to_owned(), json!(1))].into_iter().collect();
    let command = CreateProject { configuration, template_parameters: parameters, ..create("admin") };
    let expected = [
        ("/data/name", "reserved"),
        ("/data/configuration/runtime", "choice"),
        ("/data/configuration/features", "unique"),
        ("/data/configuration/environment/A", "maxLength"),
        ("/data/templateParameters/nonsense", "unknown"),
        ("/data/templateParameters/runtime", "choice"),
    ];
    assert_eq!(violations(command), expected.map(|(at, code)| (at.to_owned(), code.to_owned())));
}

#[test]
fn a_name_of_spaces_is_no_name() {
    assert_eq!(violations(create("   ")), [("/data/name".to_owned(), "blank".to_owned())]);
}

#[test]
fn an_unpublished_template_is_refused() {
    let decision = given::<Project>([]).when(ProjectCommand::CreateProject(create("Shop")));
    assert!(matches!(decision, Err(Rejection::Rule { rule: "template-published", .. })));
}

#[test]
fn a_project_is_created_once() {
    let again = given::<Project>(created()).when(ProjectCommand::CreateProject(create("Demo Shop")));
    assert_eq!(again, Err(Rejection::Exists("the project")));
}

#[test]
fn the_saga_carries_a_project_from_draft_to_ready() {
    assert_eq!(
        types(given::<Project>(created()).when(select(1))),
        ["ProjectCreationStarted", "TemplateSelected"]
    );
    assert_eq!(types(given::<Project>(after([select(1)])).when(configure())), ["ProjectConfigured"]);
}

#[test]
fn every_step_runs_twice_safely() {
    for done in [vec![select(1)], vec![select(1), configure()], vec![select(1), fail()]] {
        let last = done.last().unwrap().clone();
        assert_eq!(given::<Project>(after(done)).when(last), Ok(Decision::nothing()));
    }
}

#[test]
fn an_attempt_the_project_does_not_await_is_refused() {
    for (history, attempt) in [(created(), 2), (after([select(1), configure()]), 1), (after([fail()]), 1)] {
        let decision = given::<Project>(history).when(select(attempt));
        assert!(matches!(decision, Err(Rejection::Rule { rule: "awaits-attempt", .. })), "{decision:?}");
    }
}

#[test]
fn a_failed_creation_frees_the_name_and_a_ready_project_cannot_fail() {
    let decision = given::<Project>(after([select(1)])).when(fail()).unwrap();
    assert_eq!(decision.claims, [Claim::Release(UniqueName::project("demo shop"))]);
    assert_eq!(types(Ok(decision)), ["ProjectCreationFailed", "ProjectCreationCompensated"]);
    let ready = given::<Project>(after([select(1), configure()])).when(fail());
    assert!(matches!(ready, Err(Rejection::Rule { rule: "not-ready", .. })));
}
