//! What becomes of the values a native template is given, and of those it is not.

mod support;

use serde_json::{Value, json};
use skafu_events::template::{Parameter, ParameterType};
use skafu_forge::template::{FindingCode, check_value, parse_value};
use support::{asking, codes, object, project, template};

const CONDITIONAL: &str = r#"{"name": "T", "parameters": [
    {"name": "alarm", "type": "choice", "choices": ["none", "mail"]},
    {"name": "mailbox", "type": "string", "format": "email", "required": true,
     "conditional": {"dependsOn": "alarm", "values": ["mail"]}},
    {"name": "subject", "type": "string", "default": "From {{ mailbox }}",
     "conditional": {"dependsOn": "alarm", "values": ["mail"]}}
]}"#;

#[test]
fn what_does_not_apply_is_null_and_not_asked_for() {
    let template = template(&[
        ("template.json", CONDITIONAL),
        ("a.j2", "{{ alarm }}{% if mailbox %} {{ mailbox }}: {{ subject }}{% endif %}"),
    ]);
    let resolve = |given: Value| template.resolve(&object(given), &project());
    let rendered = |given: Value| template.render(&object(given), &project()).unwrap()[0].content.clone();

    let quiet = resolve(json!({})).unwrap();
    assert_eq!(json!(quiet), json!({"alarm": "none", "mailbox": null, "subject": null}));
    assert_eq!(resolve(json!(quiet)).unwrap(), quiet, "resolving twice changes nothing");
    assert_eq!(rendered(json!({})), b"none");
    assert_eq!(rendered(json!({"alarm": "mail", "mailbox": "a@b"})), b"mail a@b: From a@b");

    let cases: [(Value, &[(FindingCode, &str)]); 4] = [
        (json!({"alarm": "mail"}), &[(FindingCode::MissingRequiredParameter, "mailbox")]),
        (json!({"mailbox": "a@b"}), &[(FindingCode::InvalidParameterValue, "mailbox")]),
        (
            json!({"mailbox": "a@b", "subject": "x"}),
            &[
                (FindingCode::InvalidParameterValue, "mailbox"),
                (FindingCode::InvalidParameterValue, "subject"),
            ],
        ),
        (json!({"alarm": "mail", "mailbox": "a"}), &[(FindingCode::InvalidParameterValue, "mailbox")]),
    ];
    for (given, expected) in cases {
        let found = resolve(given.clone()).unwrap_err();
        let found: Vec<_> =
            found.iter().map(|it| (it.code, it.parameter.as_deref().unwrap_or_default())).collect();
        assert_eq!(found, expected, "{given}");
    }
}

#[test]
fn an_expression_gives_a_value_of_its_parameter_s_type() {
    let manifest = asking(&[
        r#"{"name": "memory", "type": "integer", "default": 128}"#,
        r#"{"name": "double", "type": "integer", "default": "{{ memory * 2 }}", "maximum": 1024}"#,
        r#"{"name": "large", "type": "boolean", "default": "{{ 'true' if double > 512 else 'false' }}"}"#,
        r#"{"name": "zones", "type": "array", "default": "[{{ memory }}, {{ double }}]"}"#,
        r#"{"name": "size", "type": "choice", "choices": ["s", 256], "default": "{{ double }}"}"#,
        r#"{"name": "text", "type": "string", "default": "{{ memory }}"}"#,
    ]);
    let template = template(&[("template.json", &manifest), ("a", "")]);
    let resolved = template.resolve(&object(json!({})), &project()).unwrap();
    let expected = json!({
        "memory": 128, "double": 256, "large": false, "zones": [128, 256], "size": 256, "text": "128"
    });
    assert_eq!(json!(resolved), expected);
    let found = template.resolve(&object(json!({"memory": 1024})), &project()).unwrap_err();
    assert!(found[0].message.contains("`double` must be at most 1024"), "{found:?}");
}

#[test]
fn a_rehearsal_takes_values_that_fit_for_what_must_be_given() {
    let asks = [
        r#"{"name": "p", "type": "string", "minLength": 20}"#,
        r#"{"name": "p", "type": "string", "maxLength": 3}"#,
        r#"{"name": "p", "type": "string", "format": "date"}"#,
        r#"{"name": "p", "type": "integer", "minimum": 128}"#,
        r#"{"name": "p", "type": "number", "maximum": -1}"#,
        r#"{"name": "p", "type": "number", "multipleOf": 7}"#,
        r#"{"name": "p", "type": "array", "items": "integer", "minItems": 2}"#,
        r#"{"name": "p", "type": "object"}"#,
    ];
    for parameter in asks {
        let manifest = asking(&[parameter]);
        // Only a rehearsal that comes as far as the file finds out.
        let files = [("template.json", manifest.as_str()), ("a.j2", "{% include 'absent' %}{{ p }}")];
        assert_eq!(codes(&files), [FindingCode::MissingRequiredFile], "{parameter}");
    }
    let files = [("template.json", CONDITIONAL), ("a.j2", "{{ alarm }}{% include 'absent' %}")];
    assert_eq!(
        codes(&files),
        [FindingCode::MissingRequiredFile],
        "nothing is made up for what does not apply"
    );
}

#[test]
fn typed_text_is_read_by_the_parameter_s_type() {
    use ParameterType::*;
    let choice =
        Parameter { choices: vec![json!("a b"), json!(2), json!(true)], ..Parameter::new("p", Choice) };
    let of = |parameter_type| Parameter::new("p", parameter_type);
    let cases = [
        (of(String), "512", Some(json!("512"))),
        (of(String), " a ", Some(json!(" a "))),
        (of(String), "", Some(json!(""))),
        (of(Integer), "512", Some(json!(512))),
        (of(Integer), " -7 ", Some(json!(-7))),
        (of(Integer), "18446744073709551615", Some(json!(u64::MAX))),
        (of(Integer), "1.0", None),
        (of(Integer), "many", None),
        (of(Integer), "", None),
        (of(Number), "0.5", Some(json!(0.5))),
        (of(Number), "3", Some(json!(3))),
        (of(Number), "1e3", Some(json!(1000.0))),
        (of(Number), "NaN", None),
        (of(Number), "inf", None),
        (of(Boolean), "true", Some(json!(true))),
        (of(Boolean), "false", Some(json!(false))),
        (of(Boolean), "yes", None),
        (of(Array), "[1, \"2\"]", Some(json!([1, "2"]))),
        (of(Array), "1,2", None),
        (of(Array), "{}", None),
        (of(Object), "{\"a\": []}", Some(json!({"a": []}))),
        (of(Object), "[]", None),
        (choice.clone(), "a b", Some(json!("a b"))),
        (choice.clone(), "2", Some(json!(2))),
        (choice.clone(), "true", Some(json!(true))),
        (choice, "c", None),
    ];
    for (parameter, text, expected) in cases {
        let read = parse_value(&parameter, text);
        assert_eq!(read.as_ref().ok(), expected.as_ref(), "{} {text:?}", parameter.parameter_type.name());
        match read {
            Ok(value) => assert_eq!(check_value(&parameter, &value), Ok(())),
            Err(problem) => assert!(problem.starts_with("must be "), "{problem}"),
        }
    }
}
