use serde_json::Value;
use skafu_events::template::{Conditional, Parameter, ParameterType};

use super::super::engine::is_dynamic;
use super::super::position::below;
use super::super::variables::PROJECT_FACTS;
use super::super::{FindingCode, parameter};
use super::reader::{Fields, Reader};
use super::rules;

const FIELDS: [&str; 19] = [
    "name",
    "type",
    "description",
    "required",
    "default",
    "choices",
    "group",
    "order",
    "conditional",
    "pattern",
    "format",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "multipleOf",
    "items",
    "minItems",
    "maxItems",
];

/// More than anybody would answer, and few enough to compare each with each.
const MAX_PARAMETERS: usize = 200;

/// An entry of `parameters`.
pub(super) struct Declared {
    pub(super) name: String,
    /// Where it is in the file.
    pub(super) pointer: String,
    /// Nothing, if it is not known of which type it is.
    pub(super) parameter: Option<Parameter>,
}

pub(super) fn declared(reader: &mut Reader<'_>, manifest: &Value) -> Vec<Declared> {
    let list = match manifest.get("parameters") {
        None => return Vec::new(),
        Some(Value::Array(list)) => list,
        Some(_) => {
            reader.malformed("/parameters", "`parameters` must be a list");
            return Vec::new();
        }
    };
    let mut declared: Vec<Declared> = Vec::new();
    if list.len() > MAX_PARAMETERS {
        let message = format!("a template may have at most {MAX_PARAMETERS} parameters");
        reader.malformed("/parameters", message);
    }
    for (at, value) in list.iter().enumerate().take(MAX_PARAMETERS) {
        let pointer = format!("/parameters/{at}");
        let of = match value.get("name").and_then(Value::as_str) {
            Some(name) => format!("parameter `{name}`"),
            None => format!("parameter {}", at + 1),
        };
        let Some(fields) = reader.fields(value, &pointer, &of, &FIELDS) else { continue };
        let name = name(reader, &fields, &declared);
        let parameter = read(reader, &fields, &name);
        declared.push(Declared { name, pointer, parameter });
    }
    declared
}

fn name(reader: &mut Reader<'_>, fields: &Fields<'_>, others: &[Declared]) -> String {
    let name = reader.text(fields, "name").unwrap_or_default();
    let at = fields.at("name");
    if !parameter::is_name(&name) {
        let message =
            format!("{} needs a `name` of letters, digits and `_` that begins with a letter", fields.of);
        reader.malformed(&at, message);
    } else if parameter::is_keyword(&name) {
        reader.malformed(&at, format!("`{name}` is a word of expressions, and no name"));
    } else if PROJECT_FACTS.contains(&name.as_str()) || others.iter().any(|other| other.name == name) {
        reader.report(
            FindingCode::DuplicateParameterName,
            &at,
            format!("the name `{name}` is already taken"),
        );
    }
    name
}

fn read(reader: &mut Reader<'_>, fields: &Fields<'_>, name: &str) -> Option<Parameter> {
    let parameter_type = parameter_type(reader, fields);
    let has_value = fields.get("default").is_some() || fields.get("choices").is_some();
    // Unless the template says otherwise, what has no value of its own needs one.
    let required = reader.truth(fields, "required").unwrap_or(!has_value);
    let mut parameter = Parameter {
        description: reader.text(fields, "description"),
        required,
        default: fields.get("default").cloned(),
        group: reader.text(fields, "group"),
        order: reader.integer(fields, "order"),
        conditional: conditional(reader, fields),
        ..Parameter::new(name, parameter_type?)
    };
    rules::read(reader, fields, &mut parameter);
    check_default(reader, fields, &parameter);
    Some(parameter)
}

fn parameter_type(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<ParameterType> {
    let parameter_type = fields.get("type").and_then(Value::as_str).and_then(parameter::parse_type);
    if parameter_type.is_none() {
        let types = "string, integer, number, boolean, array, object, choice";
        let message = format!("{} needs a `type`: {types}", fields.of);
        reader.report(FindingCode::InvalidParameterType, &fields.at("type"), message);
    }
    parameter_type
}

/// Whether what it depends on is there, is seen once all parameters are known.
fn conditional(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Conditional> {
    let value = fields.get("conditional")?;
    let of = format!("`conditional` of {}", fields.of);
    let inner = reader.fields(value, &fields.at("conditional"), &of, &["dependsOn", "values"])?;
    let depends_on = reader.text(&inner, "dependsOn");
    let values = reader.list(&inner, "values");
    if inner.get("dependsOn").is_none() {
        reader.malformed(&inner.pointer, format!("{of} needs `dependsOn`: the name of an earlier parameter"));
    }
    if inner.get("values").is_none() || values.as_ref().is_some_and(Vec::is_empty) {
        reader.malformed(&inner.at("values"), format!("{of} needs `values`: at least one"));
    }
    Some(Conditional { depends_on: depends_on?, values: values? })
}

fn check_default(reader: &mut Reader<'_>, fields: &Fields<'_>, parameter: &Parameter) {
    let Some(default) = &parameter.default else { return };
    // What an expression gives is only known once earlier values are.
    if default.as_str().is_some_and(is_dynamic) {
        return;
    }
    if let Err(problem) = parameter::check_value(parameter, default) {
        let message = format!("the default of {} {problem}", fields.of);
        reader.report(FindingCode::InvalidParameterDefault, &below(&fields.pointer, "default"), message);
    }
}
