//! Which values fit a template's parameter, and when it is asked for.

use serde_json::{Map, Value, json};
use skafu_events::template::{Conditional, Format, Parameter, ParameterType, in_order};

fn of(parameter_type: ParameterType) -> Parameter {
    Parameter::new("p", parameter_type)
}

#[test]
fn the_first_broken_rule_is_told() {
    use ParameterType::*;
    let number = |value: Value| serde_json::from_value::<serde_json::Number>(value).ok();
    let text = Parameter { min_length: Some(2), max_length: Some(3), ..of(String) };
    let memory = Parameter {
        minimum: number(json!(128)),
        maximum: number(json!(10240)),
        multiple_of: number(json!(64)),
        ..of(Integer)
    };
    let share = Parameter {
        minimum: number(json!(-0.5)),
        maximum: number(json!(1)),
        multiple_of: number(json!(0.1)),
        ..of(Number)
    };
    let zones = Parameter { items: Some(String), min_items: Some(1), max_items: Some(2), ..of(Array) };
    let choice = Parameter { choices: vec![json!("a"), json!(1)], ..of(Choice) };
    let huge = Parameter { minimum: number(json!(u64::MAX)), ..of(Integer) };
    let cases = [
        (&text, json!(1), Some("type")),
        (&text, json!(null), Some("type")),
        (&text, json!("ä"), Some("minLength")),
        (&text, json!("äöü"), None),
        (&text, json!("äöüß"), Some("maxLength")),
        (&memory, json!(128), None),
        (&memory, json!(10240), None),
        (&memory, json!(256.0), Some("type")),
        (&memory, json!(64), Some("minimum")),
        (&memory, json!(10304), Some("maximum")),
        (&memory, json!(200), Some("multipleOf")),
        (&share, json!(0.3), None),
        (&share, json!(-0.5), None),
        (&share, json!(1), None),
        (&share, json!(-0.6), Some("minimum")),
        (&share, json!(1.1), Some("maximum")),
        (&share, json!(0.25), Some("multipleOf")),
        (&huge, json!(u64::MAX), None),
        (&huge, json!(u64::MAX - 1), Some("minimum")),
        (&zones, json!(["a"]), None),
        (&zones, json!([]), Some("minItems")),
        (&zones, json!(["a", "b", "c"]), Some("maxItems")),
        (&zones, json!(["a", 1]), Some("items")),
        (&choice, json!("a"), None),
        (&choice, json!(1), None),
        (&choice, json!("1"), Some("choice")),
        (&of(Boolean), json!("true"), Some("type")),
        (&of(Object), json!({}), None),
        (&of(Object), json!([]), Some("type")),
    ];
    for (parameter, value, expected) in cases {
        let broken = parameter.broken_by(&value);
        assert_eq!(broken.as_ref().map(|it| it.rule), expected, "{value} {broken:?}");
        assert!(broken.is_none_or(|it| it.message.starts_with("must ")), "{value}");
    }
}

#[test]
fn formats_tell_their_texts_from_others() {
    let long = format!("{}.example", "a".repeat(64));
    let cases: [(Format, &[&str], &[&str]); 5] = [
        (
            Format::Email,
            &["a@b.example", "first.last+tag@sub.b.example", "a@localhost"],
            &["", "a", "@b", "a@", "a b@c", ".a@b", "a..b@c", "a@b@c", "a@-b", "ä@b"],
        ),
        (
            Format::Uri,
            &["https://a.example/x?y=z#f", "urn:isbn:0", "arn:aws:s3:::b", "http://[::1]:80/%C3%A4"],
            &["", "a", "/a", ":a", "1a:b", "http:", "http://a b", "http://ä", "http://a/%zz", "http://a/%1"],
        ),
        (
            Format::Uuid,
            &["0d6f3a52-9f4b-5c83-8f0a-2a1f3a0d6c15", "0D6F3A52-9F4B-5C83-8F0A-2A1F3A0D6C15"],
            &["", "0d6f3a529f4b5c838f0a2a1f3a0d6c15", "{0d6f3a52-9f4b-5c83-8f0a-2a1f3a0d6c15}", "x"],
        ),
        (
            Format::Date,
            &["2024-02-29", "1999-12-31"],
            &["", "2023-02-29", "2024-2-29", "24-02-29", "2024-02-29T00:00:00Z", "+024-02-29", "2024- 2-29"],
        ),
        (
            Format::Hostname,
            &["a", "a-b.example", "1.2.3.4", "xn--4ca.example"],
            &["", ".", "a.", "a..b", "-a", "a-", "a_b", "ä", long.as_str()],
        ),
    ];
    assert_eq!(cases.each_ref().map(|(format, ..)| *format), Format::ALL);
    for (format, fitting, others) in cases {
        for text in fitting {
            assert!(format.admits(text), "{format} {text}");
        }
        for text in others {
            assert!(!format.admits(text), "{format} {text}");
        }
        assert_eq!(json!(format), json!(format.name()));
    }
}

#[test]
fn a_parameter_applies_if_the_other_one_has_one_of_the_values() {
    let conditional = Conditional { depends_on: "kind".to_owned(), values: vec![json!("api"), json!(null)] };
    let parameter = Parameter { conditional: Some(conditional), ..of(ParameterType::String) };
    let applies = |values: Value| parameter.applies(values.as_object().unwrap());
    assert!(applies(json!({ "kind": "api" })));
    assert!(applies(json!({ "kind": null })));
    assert!(!applies(json!({ "kind": "worker" })));
    assert!(!applies(json!({})), "nothing is known of the other one");
    assert!(of(ParameterType::String).applies(&Map::new()));
}

#[test]
fn what_has_an_order_is_shown_first() {
    let at = |name: &str, order| Parameter { order, ..Parameter::new(name, ParameterType::String) };
    let declared = [at("a", None), at("b", Some(2)), at("c", Some(-1)), at("d", None), at("e", Some(2))];
    let names: Vec<_> = in_order(&declared).into_iter().map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(names, ["c", "b", "e", "a", "d"]);
}
