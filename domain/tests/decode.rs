//! What the edge says about a body before anything else happens.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

use serde_json::{Value, json};
use skafu_domain::command::{CATALOGUE, DecodeError, decode};

fn body(data: Value) -> Value {
    json!({ "commandId": "018f6d2c-0000-7000-8000-000000000001", "data": data })
}

fn shop() -> Value {
    json!({ "name": "Shop", "templateId": "sam-python-api" })
}

fn violations(body: &Value) -> Vec<(String, String)> {
    match decode("project", "CreateProject", body.to_string().as_bytes()) {
        Err(DecodeError::Invalid(violations)) => {
            let mut found: Vec<_> = violations.into_iter().map(|it| (it.field, it.code)).collect();
            found.sort();
            found
        }
        other => panic!("expected violations, not {other:?}"),
    }
}

#[test]
fn a_minimal_body_is_enough() {
    let decoded = decode("project", "CreateProject", body(shop()).to_string().as_bytes()).unwrap();
    assert_eq!(decoded.correlation_id, decoded.command_id);
    assert_eq!(decoded.data, shop());
}

#[test]
fn every_violation_is_told_at_once_and_points_at_its_field() {
    let wrong = json!({
        "commandId": "one",
        "surprise": true,
        "expectedVersion": -1,
        "data": { "name": "x".repeat(101), "configuration": { "region": "mars", "environment": {"1A": ""} } }
    });
    let expected = [
        ("/commandId", "format"),
        ("/data/configuration/environment", "propertyNames"),
        ("/data/configuration/region", "pattern"),
        ("/data/name", "maxLength"),
        ("/data/templateId", "required"),
        ("/expectedVersion", "minimum"),
        ("/surprise", "unknown"),
    ];
    let found = violations(&wrong);
    for (at, code) in expected {
        assert!(found.contains(&(at.to_owned(), code.to_owned())), "{at} {code} in {found:?}");
    }
}

#[test]
fn a_name_is_checked_for_length_and_characters() {
    for (name, code) in [("", "minLength"), ("a/b", "pattern"), ("päckchen", "pattern")] {
        let mut data = shop();
        data["name"] = json!(name);
        assert!(violations(&body(data)).contains(&("/data/name".to_owned(), code.to_owned())), "{name}");
    }
}

#[test]
fn no_message_repeats_the_value_it_complains_about() {
    let mut data = shop();
    data["name"] = json!("s3cret/value");
    let Err(DecodeError::Invalid(violations)) =
        decode("project", "CreateProject", body(data).to_string().as_bytes())
    else {
        panic!("expected violations")
    };
    assert!(violations.iter().all(|violation| !violation.message.contains("s3cret")), "{violations:?}");
}

#[test]
fn what_is_not_json_is_told_by_line_and_column() {
    let decoded = decode("project", "CreateProject", b"{\n  \"commandId\": }");
    assert!(matches!(decoded, Err(DecodeError::NotJson { line: 2, column: 16 })), "{decoded:?}");
}

#[test]
fn an_unknown_command_is_told_apart_from_a_wrong_one() {
    for (context, name) in [("project", "DestroyWorld"), ("template", "CreateProject"), ("", "")] {
        assert!(matches!(decode(context, name, b"{}"), Err(DecodeError::UnknownCommand)));
    }
}

#[test]
fn every_command_has_a_schema_that_compiles_and_refuses_strange_fields() {
    for spec in CATALOGUE {
        let decoded = decode(spec.context, spec.name, body(json!({ "strange": 1 })).to_string().as_bytes());
        let Err(DecodeError::Invalid(violations)) = decoded else { panic!("{}: {decoded:?}", spec.name) };
        assert!(violations.iter().any(|it| it.field == "/data/strange"), "{}: {violations:?}", spec.name);
    }
}
