//! The schemas of the document.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Value, json};
use skafu_functions::openapi;

/// A validator of that schema, wherever in the document it is said to stand. It does not look elsewhere.
pub fn validator(schema: &Value) -> Validator {
    let schemas = json!({ "schemas": openapi::document()["components"]["schemas"] });
    let schema = json!({ "allOf": [schema], "components": schemas });
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap_or_else(|it| panic!("{it}"))
}

#[test]
fn every_component_is_a_schema() {
    for (name, schema) in openapi::document()["components"]["schemas"].as_object().unwrap() {
        let meta = jsonschema::meta::validate(schema);
        assert!(meta.is_ok(), "{name}: {}", meta.unwrap_err());
        validator(schema);
    }
}

#[test]
fn a_name_means_the_same_in_all_commands() {
    let mut known = BTreeMap::<String, Value>::new();
    for spec in openapi::commands() {
        let schema = (spec.schema)().to_value();
        for (name, definition) in schema["$defs"].as_object().unwrap() {
            let first = known.entry(name.clone()).or_insert_with(|| definition.clone());
            assert_eq!(first, definition, "{name} of {} is another than before", spec.name);
        }
        assert!(!known.contains_key(&format!("{}Command", spec.name)));
    }
    for name in ["CommandAnswer", "Problem", "ApiMessage", "Violation"] {
        assert!(!known.contains_key(name), "{name} is what is answered");
    }
}

#[test]
fn what_an_answer_has_nothing_to_say_about_is_left_out() {
    for name in ["CommandAnswer", "Problem"] {
        let schema = &openapi::document()["components"]["schemas"][name];
        for (field, property) in schema["properties"].as_object().unwrap() {
            assert!(!property.to_string().contains("null"), "{name}.{field}: {property}");
        }
    }
}
