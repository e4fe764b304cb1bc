//! What the document says of each command, against what is made of a body.

use crate::schemas::validator;
use serde_json::{Value, json};
use skafu_domain::command::{CommandSpec, ConflictStrategy, DecodeError, decode};
use skafu_domain::project::RUNTIMES;
use skafu_domain::template::FileInput;
use skafu_events::{AggregateKind, StreamId, Tenant};
use skafu_functions::openapi;
use skafu_functions::template_files::read_inputs;

fn operation(spec: &CommandSpec) -> &'static Value {
    &openapi::document()["paths"][format!("/commands/{}/{}", spec.context, spec.name)]["post"]
}

fn body(spec: &CommandSpec) -> &'static Value {
    &operation(spec)["requestBody"]["content"]["application/json"]
}

fn examples(spec: &CommandSpec) -> Vec<&'static Value> {
    body(spec)["examples"].as_object().unwrap().values().map(|it| &it["value"]).collect()
}

#[test]
fn every_command_that_people_may_send_is_there_and_no_other() {
    let told: Vec<_> = openapi::document()["paths"].as_object().unwrap().keys().collect();
    let names: Vec<_> = openapi::commands().map(|spec| spec.name).collect();
    assert_eq!(told.len(), names.len() + 1, "and the document itself");
    assert!(openapi::commands().all(|spec| operation(spec).is_object()));
    let (first, last) = (["CreateProject", "UpdateProject"], ["UploadTemplateFiles", "PublishTemplate"]);
    assert!(names.starts_with(&first) && names.ends_with(&last), "{names:?}");
    for name in ["BeginProvisioning", "FailProjectCreation", "CreateRepository"] {
        assert!(!names.contains(&name), "{name} is the saga's");
    }
}

#[test]
fn every_command_has_an_example_that_is_such_a_command() {
    for spec in openapi::commands() {
        let validator = validator(&body(spec)["schema"]);
        assert!(!examples(spec).is_empty(), "{} has no example", spec.name);
        for example in examples(spec) {
            assert!(validator.is_valid(example), "{}: {example}", spec.name);
            let decoded = decode(spec.context, spec.name, example.to_string().as_bytes()).unwrap();
            assert_eq!((decoded.spec.name, &decoded.data), (spec.name, &example["data"]));
            assert_eq!(json!(decoded.command_id), example["commandId"]);
        }
    }
}

#[test]
fn it_takes_the_strategies_the_command_takes() {
    use ConflictStrategy::{LastWriteWins, Merge, Reject};
    for spec in openapi::commands() {
        let validator = validator(&body(spec)["schema"]);
        for strategy in [json!(Reject), json!(Merge), json!(LastWriteWins), Value::Null, json!("other")] {
            let mut sent = examples(spec)[0].clone();
            sent["conflictStrategy"] = strategy;
            let taken = decode(spec.context, spec.name, sent.to_string().as_bytes()).is_ok();
            assert_eq!(validator.is_valid(&sent), taken, "{}: {sent}", spec.name);
        }
    }
}

#[test]
fn it_takes_any_whole_number_for_a_version() {
    let numbers = [
        ("0", Some(0)),
        ("3.0", Some(3)),
        ("1.5e1", Some(15)),
        ("9007199254740991", Some(9_007_199_254_740_991)),
        ("null", None),
    ];
    let none = ["-1", "3.5", "9007199254740992", "134949667916784730000.0", "\"3\""];
    for spec in openapi::commands() {
        let validator = validator(&body(spec)["schema"]);
        let sent = |number: &str| {
            let mut sent = examples(spec)[0].clone();
            sent["expectedVersion"] = serde_json::from_str(number).unwrap();
            sent
        };
        for (number, version) in numbers {
            assert!(validator.is_valid(&sent(number)), "{}: {number}", spec.name);
            let decoded = decode(spec.context, spec.name, sent(number).to_string().as_bytes()).unwrap();
            assert_eq!(decoded.expected_version, version, "{}: {number}", spec.name);
        }
        for number in none {
            assert!(!validator.is_valid(&sent(number)), "{}: {number}", spec.name);
            let refused = decode(spec.context, spec.name, sent(number).to_string().as_bytes());
            let Err(DecodeError::Invalid(violations)) = refused else { panic!("{number}: {refused:?}") };
            assert_eq!(violations[0].field, "/expectedVersion", "{}: {number}", spec.name);
        }
    }
}

#[test]
fn it_takes_the_ids_that_things_can_have() {
    let long = "a".repeat(101);
    let ids = ["a", "A1.b_c:d-e", &long[1..], &long, "", "-a", "a/b", "a#b", "ä", "a b", "a\n"];
    for spec in openapi::commands().filter(|spec| !spec.name.starts_with("Create")) {
        let validator = validator(&body(spec)["schema"]);
        let field = format!("{}Id", spec.context);
        for id in ids {
            let mut sent = examples(spec)[0].clone();
            sent["data"][&field] = json!(id);
            let can_be = StreamId::new(Tenant::new("acme").unwrap(), AggregateKind::Project, id).is_ok();
            assert_eq!(validator.is_valid(&sent), can_be, "{}: {id:?}", spec.name);
        }
    }
}

#[test]
fn it_names_the_runtimes() {
    for spec in openapi::commands().filter(|spec| ["CreateProject", "UpdateProject"].contains(&spec.name)) {
        let validator = validator(&body(spec)["schema"]);
        let takes = |runtime: &str| {
            let mut sent = examples(spec)[0].clone();
            sent["data"]["configuration"] = json!({ "runtime": runtime });
            validator.is_valid(&sent)
        };
        assert!(RUNTIMES.iter().all(|runtime| takes(runtime.name)) && !takes("cobol85"), "{}", spec.name);
    }
}

#[test]
fn a_file_holds_one_thing() {
    let spec = openapi::commands().find(|spec| spec.name == "UploadTemplateFiles").unwrap();
    let validator = validator(&body(spec)["schema"]);
    for (held, is_one) in [
        (json!({ "text": "a" }), true),
        (json!({ "text": "a", "base64": null, "symlink": null }), true),
        (json!({ "base64": "YQ==" }), true),
        (json!({ "symlink": "b" }), true),
        (json!({}), false),
        (json!({ "text": null }), false),
        (json!({ "text": "a", "symlink": "b" }), false),
    ] {
        let mut file = held.clone();
        file["path"] = json!("a");
        let mut sent = examples(spec)[0].clone();
        sent["data"]["files"] = json!([file]);
        assert_eq!(validator.is_valid(&sent), is_one, "{held}");
        let inputs: Vec<FileInput> = serde_json::from_value(sent["data"]["files"].clone()).unwrap();
        assert_eq!(read_inputs(&inputs).is_ok(), is_one, "{held}");
    }
}
