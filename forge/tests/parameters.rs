//! What a native template asks: which declarations are sound, and what becomes of given values.

mod support;

use serde_json::{Value, json};
use skafu_events::template::{Parameter, ParameterType};
use skafu_forge::template::{FindingCode, check_value, parse_value};
use support::{codes, findings, object, project, template};

/// A template with these parameters, each on a line of its own, the first on line 2.
fn asking(parameters: &[&str]) -> String {
    format!("{{\"name\": \"T\", \"parameters\": [\n{}\n]}}", parameters.join(",\n"))
}

/// The errors of such a template: code, and the text that stands where each points to.
fn told(parameters: &[&str]) -> Vec<(FindingCode, String)> {
    let manifest = asking(parameters);
    let found = findings(&[("template.json", &manifest), ("a", "")]);
    let pointed = |line: Option<u32>, column: Option<u32>| -> String {
        let line = manifest.lines().nth(line.unwrap() as usize - 1).unwrap();
        line.chars().skip(column.unwrap() as usize - 1).collect()
    };
    assert!(found.iter().all(|it| it.path == "template.json"), "{found:?}");
    found.into_iter().map(|it| (it.code, pointed(it.line, it.column))).collect()
}

#[test]
fn each_mistake_is_told_where_it_stands() {
    use FindingCode::*;
    let cases = [
        (r#"{"name": "a", "type": "text"}"#, InvalidParameterType, "\"text\""),
        (r#"{"name": "a"}"#, InvalidParameterType, "{\"name"),
        (r#"{"name": "a", "type": ["string"]}"#, InvalidParameterType, "[\"string"),
        (r#"{"name": "a-b", "type": "string"}"#, InvalidJsonSchema, "\"a-b\""),
        (r#"{"name": "_a", "type": "string"}"#, InvalidJsonSchema, "\"_a\""),
        (r#"{"name": "1a", "type": "string"}"#, InvalidJsonSchema, "\"1a\""),
        (r#"{"name": "ä", "type": "string"}"#, InvalidJsonSchema, "\"ä\""),
        (r#"{"name": "not", "type": "string"}"#, InvalidJsonSchema, "\"not\""),
        (r#"{"type": "string"}"#, InvalidJsonSchema, "{\"type"),
        (r#"{"name": "project_slug", "type": "string"}"#, DuplicateParameterName, "\"project_slug\""),
        ("7", InvalidJsonSchema, "7"),
        (r#"{"name": "a", "type": "string", "minLenght": 3}"#, InvalidJsonSchema, "3}"),
        (r#"{"name": "a", "type": "string", "required": "yes"}"#, InvalidJsonSchema, "\"yes\""),
        (r#"{"name": "a", "type": "string", "description": 1}"#, InvalidJsonSchema, "1}"),
        (r#"{"name": "a", "type": "string", "group": 1}"#, InvalidJsonSchema, "1}"),
        (r#"{"name": "a", "type": "string", "order": 1.5}"#, InvalidJsonSchema, "1.5}"),
        (r#"{"name": "a", "type": "string", "minLength": -1}"#, InvalidJsonSchema, "-1}"),
        (r#"{"name": "a", "type": "string", "minLength": 3, "maxLength": 2}"#, InvalidJsonSchema, "3,"),
        (r#"{"name": "a", "type": "string", "pattern": "("}"#, InvalidJsonSchema, "\"(\""),
        (r#"{"name": "a", "type": "string", "format": "phone"}"#, InvalidJsonSchema, "\"phone\""),
        (r#"{"name": "a", "type": "string", "minimum": 1}"#, InvalidJsonSchema, "1}"),
        (r#"{"name": "a", "type": "string", "choices": ["x"]}"#, InvalidJsonSchema, "[\"x"),
        (r#"{"name": "a", "type": "boolean", "format": "date"}"#, InvalidJsonSchema, "\"date"),
        (r#"{"name": "a", "type": "integer", "minimum": "1"}"#, InvalidJsonSchema, "\"1\"}"),
        (r#"{"name": "a", "type": "number", "minimum": 1, "maximum": 0.5}"#, InvalidJsonSchema, "1,"),
        (r#"{"name": "a", "type": "number", "multipleOf": 0}"#, InvalidJsonSchema, "0}"),
        (r#"{"name": "a", "type": "integer", "pattern": "1"}"#, InvalidJsonSchema, "\"1\"}"),
        (r#"{"name": "a", "type": "array", "items": "choice"}"#, InvalidJsonSchema, "\"choice\"}"),
        (r#"{"name": "a", "type": "array", "minItems": 2, "maxItems": 1}"#, InvalidJsonSchema, "2,"),
        (r#"{"name": "a", "type": "object", "maxItems": 1}"#, InvalidJsonSchema, "1}"),
        (r#"{"name": "a", "type": "choice"}"#, InvalidJsonSchema, "{\"name"),
        (r#"{"name": "a", "type": "choice", "choices": []}"#, InvalidJsonSchema, "[]"),
        (r#"{"name": "a", "type": "choice", "choices": "x"}"#, InvalidJsonSchema, "\"x\""),
        (
            r#"{"name": "a", "type": "choice", "choices": ["x"], "default": "y"}"#,
            InvalidParameterDefault,
            "\"y\"",
        ),
        (r#"{"name": "a", "type": "integer", "default": "1"}"#, InvalidParameterDefault, "\"1\""),
        (r#"{"name": "a", "type": "integer", "maximum": 5, "default": 6}"#, InvalidParameterDefault, "6}"),
        (
            r#"{"name": "a", "type": "string", "format": "uuid", "default": "6"}"#,
            InvalidParameterDefault,
            "\"6\"",
        ),
        (r#"{"name": "a", "type": "string", "conditional": "b"}"#, InvalidJsonSchema, "\"b\""),
        (
            r#"{"name": "a", "type": "string", "conditional": {"values": [1]}}"#,
            InvalidJsonSchema,
            "{\"values",
        ),
        (
            r#"{"name": "a", "type": "string", "conditional": {"dependsOn": "z", "values": []}}"#,
            InvalidJsonSchema,
            "[]",
        ),
        (
            r#"{"name": "a", "type": "string", "default": "{{ x + }}"}"#,
            InvalidTemplateSyntax,
            "\"{{ x + }}\"",
        ),
    ];
    for (parameter, code, pointed) in cases {
        let found = told(&[parameter]);
        let (found_code, at) = &found[0];
        assert_eq!(*found_code, code, "{parameter} {found:?}");
        assert!(at.starts_with(pointed), "{parameter} points to {at}");
        assert!(found.len() == 1 || parameter.contains("dependsOn"), "{parameter} {found:?}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    use FindingCode::*;
    let found = told(&[
        r#"{"name": "a", "type": "string"}"#,
        r#"{"name": "a", "type": "integer", "default": 0.5}"#,
        r#"{"name": "b", "type": "string", "conditional": {"dependsOn": "c", "values": ["x"]}}"#,
        r#"{"name": "d", "type": "boolean", "conditional": {"dependsOn": "a", "values": ["x", 1]}}"#,
    ]);
    let expected = [
        (DuplicateParameterName, "\"a\""),
        (InvalidParameterDefault, "0.5"),
        (InvalidJsonSchema, "\"c\""),
        (InvalidJsonSchema, "1]"),
    ];
    for ((code, at), (expected, pointed)) in found.iter().zip(expected) {
        assert!(*code == expected && at.starts_with(pointed), "{code:?} {at}");
    }
    assert_eq!(found.len(), expected.len(), "{found:?}");
}

#[test]
fn a_parameter_refers_to_earlier_ones_only() {
    let text = |name: &str, default: &str| {
        format!(r#"{{"name": "{name}", "type": "string", "default": "{default}"}}"#)
    };
    let on = |name: &str, other: &str, rest: &str| {
        format!(
            r#"{{"name": "{name}", "type": "string", {rest} "required": false, "conditional": {{"dependsOn": "{other}", "values": ["x"]}}}}"#
        )
    };
    let cases = [
        (vec![text("a", "{{ b }}"), text("b", "x")], vec!["refers to `b`, which comes later"]),
        (vec![text("a", "{{ a }}")], vec!["in a circle: a → a"]),
        (
            vec![text("a", "{{ b }}"), text("b", "{{ c|upper }}"), text("c", "{{ a }}")],
            vec!["a → b → c → a", "b → c → a → b"],
        ),
        (vec![on("a", "b", ""), text("b", "x")], vec!["the condition of parameter `a` refers to `b`"]),
        (vec![on("a", "a", "")], vec!["in a circle: a → a"]),
        (vec![on("a", "b", ""), text("b", "{{ a }}")], vec!["in a circle: a → b → a"]),
        (
            vec![on("a", "b", r#""default": "{{ c }}","#), text("b", ""), text("c", "")],
            vec!["condition", "default"],
        ),
        (vec![text("a", "{% if b %}{% endif %}{{ 'b' }}"), text("b", "")], vec!["refers to `b`"]),
        (vec![text("a", "{% set b = 1 %}{{ b }}"), text("b", "{{ a }} {{ project_slug }}")], vec![]),
    ];
    for (parameters, messages) in cases {
        let manifest = asking(&parameters.iter().map(String::as_str).collect::<Vec<_>>());
        let files = [("template.json", manifest.as_str()), ("f", "")];
        if messages.is_empty() {
            template(&files);
            continue;
        }
        let found = findings(&files);
        assert_eq!(found.len(), messages.len(), "{found:?}");
        for (finding, message) in found.iter().zip(messages) {
            assert_eq!(finding.code, FindingCode::CircularDependency);
            assert!(finding.message.contains(message) && finding.column.is_some(), "{finding:?}");
        }
    }
}

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
fn a_default_that_turns_out_wrong_is_told_where_it_stands() {
    let cases = [
        (
            r#"{"name": "a", "type": "integer", "default": "{{ 'x' * 2 }}"}"#,
            FindingCode::InvalidParameterDefault,
        ),
        (
            r#"{"name": "a", "type": "string", "maxLength": 1, "default": "{{ 12 }}"}"#,
            FindingCode::InvalidParameterDefault,
        ),
        (r#"{"name": "a", "type": "string", "default": "{{ colour }}"}"#, FindingCode::InvalidTemplateSyntax),
        (r#"{"name": "a", "type": "string", "default": "{{ 'x'|odder }}"}"#, FindingCode::UnsupportedFeature),
    ];
    for (parameter, code) in cases {
        let found = told(&[parameter]);
        assert!(
            found.len() == 1 && found[0].0 == code && found[0].1.starts_with("\"{{"),
            "{parameter} {found:?}"
        );
    }
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

#[test]
fn nobody_is_asked_endlessly() {
    let parameter =
        |n: usize| format!(r#"{{"name": "p{n}", "type": "string", "default": "{{{{ p{} }}}}"}}"#, n + 1);
    let many: Vec<_> = (0..5000).map(parameter).collect();
    let manifest = asking(&many.iter().map(String::as_str).collect::<Vec<_>>());
    let found = findings(&[("template.json", &manifest), ("a", "")]);
    assert!(found[0].message.contains("at most 200 parameters"), "{:?}", found[0]);
    assert_eq!(found.len(), 200, "each but the last one refers to a later one");
}
