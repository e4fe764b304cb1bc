//! What a native template asks: which declarations are sound.

mod support;

use skafu_forge::template::FindingCode;
use support::{asking, findings, template};

/// The errors of a template with these parameters: code, and the text that stands where each points to.
fn told(parameters: &[&str]) -> Vec<(FindingCode, String)> {
    let manifest = asking(parameters);
    let found = findings(&[("template.json", &manifest), ("a", "")]);
    let pointed = |line: Option<u32>, column: Option<u32>| -> String {
        let line = line.and_then(|line| manifest.lines().nth(line as usize - 1)).unwrap_or_default();
        line.chars().skip(column.unwrap_or(u32::MAX) as usize - 1).collect()
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
fn nobody_is_asked_endlessly() {
    let parameter =
        |n: usize| format!(r#"{{"name": "p{n}", "type": "string", "default": "{{{{ p{} }}}}"}}"#, n + 1);
    let many: Vec<_> = (0..5000).map(parameter).collect();
    let manifest = asking(&many.iter().map(String::as_str).collect::<Vec<_>>());
    let found = findings(&[("template.json", &manifest), ("a", "")]);
    assert!(found[0].message.contains("at most 200 parameters"), "{:?}", found[0]);
    assert_eq!(found.len(), 200, "each but the last one refers to a later one");
}
