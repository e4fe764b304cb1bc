use serde_json::{Map, Value, json};
use skafu_events::project::ProjectEvent;
use skafu_events::template::{Parameter, ParameterType};

use super::*;
use crate::given::given;
use crate::{Claim, Rejection, UniqueName};

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
        options: OptionsInput::default(),
    }
}

fn created() -> Vec<ProjectEvent> {
    let command = ProjectCommand::CreateProject(create("Demo Shop"));
    given::<Project>([]).knowing(template()).when(command).unwrap().events
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
