use serde_json::{Map, Value, json};
use skafu_events::template::{
    Conditional, FileMode, Format, Parameter, ParameterType, TemplateEvent, TemplateFile,
};

use super::*;
use crate::given::given;
use crate::{Decision, Rejection, Violation};

fn created() -> Vec<TemplateEvent> {
    let command = CreateTemplate {
        template_id: "tiny".to_owned(),
        name: "Tiny".to_owned(),
        template_type: None,
        description: None,
    };
    given::<Template>([]).when(TemplateCommand::CreateTemplate(command)).unwrap().events
}

fn file(path: &str, sha256: &str) -> TemplateFile {
    TemplateFile { path: path.to_owned(), sha256: sha256.to_owned(), size: 1, mode: FileMode::Regular }
}

fn upload(replace: bool) -> TemplateCommand {
    TemplateCommand::UploadTemplateFiles(UploadTemplateFiles {
        template_id: "tiny".to_owned(),
        replace,
        files: vec![],
    })
}

fn publish() -> TemplateCommand {
    TemplateCommand::PublishTemplate(PublishTemplate { template_id: "tiny".to_owned() })
}

fn with_files(files: Vec<TemplateFile>) -> Vec<TemplateEvent> {
    let mut history = created();
    let facts = TemplateFacts { stored: files, inspection: None };
    history.extend(given::<Template>(history.clone()).knowing(facts).when(upload(false)).unwrap().events);
    history
}

#[test]
fn uploading_what_is_there_already_changes_nothing() {
    let facts = TemplateFacts { stored: vec![file("a", "1")], inspection: None };
    let again = given::<Template>(with_files(vec![file("a", "1")])).knowing(facts).when(upload(false));
    assert_eq!(again, Ok(Decision::nothing()));
}

#[test]
fn a_replacing_upload_drops_every_other_file() {
    let mut history = with_files(vec![file("a", "1"), file("b", "2")]);
    let facts = TemplateFacts { stored: vec![file("a", "1")], inspection: None };
    history.extend(given::<Template>(history.clone()).knowing(facts).when(upload(true)).unwrap().events);
    let mut template = Template::default();
    history.iter().for_each(|event| crate::Aggregate::evolve(&mut template, event));
    assert_eq!(template.files.into_keys().collect::<Vec<_>>(), ["a"]);
}

#[test]
fn only_files_that_pass_their_checks_are_published() {
    let finding = Violation::new("a:3:7", "INVALID_TEMPLATE_SYNTAX", "unexpected end of block");
    let facts = TemplateFacts { stored: vec![], inspection: Some(Err(vec![finding.clone()])) };
    let refused = given::<Template>(with_files(vec![file("a", "1")])).knowing(facts).when(publish());
    assert!(matches!(refused, Err(Rejection::Rule { violations, .. }) if violations == [finding]));
}

#[test]
fn publishing_the_same_files_twice_is_one_revision() {
    let facts = || TemplateFacts { stored: vec![], inspection: Some(Ok(Inspected { parameters: vec![] })) };
    let mut history = with_files(vec![file("a", "1")]);
    history.extend(given::<Template>(history.clone()).knowing(facts()).when(publish()).unwrap().events);
    assert_eq!(history.len(), 3);
    assert_eq!(given::<Template>(history).knowing(facts()).when(publish()), Ok(Decision::nothing()));
}

#[test]
fn a_revision_depends_on_paths_modes_and_contents_not_on_their_order() {
    let (a, b) = (file("a", "1"), file("b", "2"));
    assert_eq!(revision([&a, &b]), revision([&b, &a]));
    assert_ne!(revision([&a]), revision([&file("a", "2")]));
    assert_ne!(revision([&a]), revision([&TemplateFile { mode: FileMode::Executable, ..a.clone() }]));
}

fn parameter(name: &str, parameter_type: ParameterType) -> Parameter {
    Parameter { required: true, ..Parameter::new(name, parameter_type) }
}

fn check(parameter: Parameter, value: Value) -> Result<Value, String> {
    let given: Map<String, Value> = [(parameter.name.clone(), value)].into_iter().collect();
    match check_parameters(std::slice::from_ref(&parameter), &given, "") {
        Ok(mut checked) => Ok(checked.remove(&parameter.name).unwrap()),
        Err(violations) => Err(violations[0].code.clone()),
    }
}

#[test]
fn a_text_may_stand_for_a_value_of_another_type() {
    assert_eq!(check(parameter("n", ParameterType::Integer), json!("8080")), Ok(json!(8080)));
    assert_eq!(check(parameter("n", ParameterType::Boolean), json!("true")), Ok(json!(true)));
    assert_eq!(check(parameter("n", ParameterType::Array), json!("[1]")), Ok(json!([1])));
    assert_eq!(check(parameter("n", ParameterType::String), json!("8080")), Ok(json!("8080")));
}

#[test]
fn wrong_values_are_told_by_kind() {
    assert_eq!(check(parameter("n", ParameterType::Integer), json!("many")), Err("type".to_owned()));
    assert_eq!(check(parameter("n", ParameterType::Integer), json!(1.5)), Err("type".to_owned()));
    assert_eq!(check(parameter("n", ParameterType::String), json!(5)), Err("type".to_owned()));
    let choice = Parameter { choices: vec![json!("a")], ..parameter("n", ParameterType::Choice) };
    assert_eq!(check(choice, json!("b")), Err("choice".to_owned()));
    let lower = Parameter { pattern: Some("[a-z]+".to_owned()), ..parameter("n", ParameterType::String) };
    assert_eq!(check(lower, json!("abc1")), Err("pattern".to_owned()));
    let missing = check_parameters(&[parameter("n", ParameterType::String)], &Map::new(), "");
    assert_eq!(missing.unwrap_err()[0].code, "required");
}

#[test]
fn every_rule_of_a_parameter_is_checked_before_a_project_is_made() {
    let memory = Parameter { minimum: Some(128.into()), ..parameter("n", ParameterType::Integer) };
    assert_eq!(check(memory.clone(), json!("256")), Ok(json!(256)), "read first, compared then");
    assert_eq!(check(memory, json!(64)), Err("minimum".to_owned()));
    let mail = Parameter { format: Some(Format::Email), ..parameter("n", ParameterType::String) };
    assert_eq!(check(mail, json!("nobody")), Err("format".to_owned()));
}

#[test]
fn a_parameter_that_does_not_apply_is_neither_asked_for_nor_taken() {
    let on =
        |name: &str, value: Value| Some(Conditional { depends_on: name.to_owned(), values: vec![value] });
    let parameters = [
        Parameter {
            choices: vec![json!("none"), json!("mail")],
            ..Parameter::new("alarm", ParameterType::Choice)
        },
        Parameter { conditional: on("alarm", json!("mail")), ..parameter("mailbox", ParameterType::String) },
        Parameter { conditional: on("mailbox", json!("a@b")), ..parameter("copy", ParameterType::String) },
        Parameter { default: Some(json!("{{ alarm }}")), ..Parameter::new("kind", ParameterType::String) },
        Parameter { conditional: on("kind", json!("mail")), ..parameter("unsure", ParameterType::String) },
    ];
    let codes = |given: Value| match check_parameters(&parameters, given.as_object().unwrap(), "") {
        Ok(_) => vec![],
        Err(violations) => violations.into_iter().map(|it| format!("{} {}", it.field, it.code)).collect(),
    };
    let cases: [(Value, &[&str]); 8] = [
        (json!({}), &[]),
        (json!({ "alarm": "mail" }), &["/mailbox required"]),
        (json!({ "alarm": "mail", "mailbox": "a@b" }), &["/copy required"]),
        (json!({ "mailbox": "a@b" }), &["/mailbox conditional"]),
        (json!({ "mailbox": null }), &["/mailbox type"]),
        (json!({ "copy": "c@d" }), &["/copy conditional"]),
        (json!({ "alarm": "letter" }), &["/alarm choice"]),
        (json!({ "kind": "mail" }), &["/unsure required"]),
    ];
    for (given, expected) in cases {
        assert_eq!(codes(given.clone()), expected, "{given}");
    }
}
