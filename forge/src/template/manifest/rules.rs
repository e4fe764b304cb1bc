use serde_json::Value;
use skafu_events::template::{Format, Parameter, ParameterType};

use super::super::parameter;
use super::reader::{Fields, Reader};

/// Which types a rule is for.
const BELONGS: [(&str, &[ParameterType]); 11] = [
    ("choices", &[ParameterType::Choice]),
    ("pattern", &[ParameterType::String]),
    ("format", &[ParameterType::String]),
    ("minLength", &[ParameterType::String]),
    ("maxLength", &[ParameterType::String]),
    ("minimum", &[ParameterType::Integer, ParameterType::Number]),
    ("maximum", &[ParameterType::Integer, ParameterType::Number]),
    ("multipleOf", &[ParameterType::Integer, ParameterType::Number]),
    ("items", &[ParameterType::Array]),
    ("minItems", &[ParameterType::Array]),
    ("maxItems", &[ParameterType::Array]),
];

/// What a parameter asks of its values.
pub(super) fn read(reader: &mut Reader<'_>, fields: &Fields<'_>, parameter: &mut Parameter) {
    let of_type = parameter.parameter_type;
    for (field, types) in BELONGS.iter().filter(|(_, types)| !types.contains(&of_type)) {
        if fields.get(field).is_some() {
            let types: Vec<_> = types.iter().map(|of| of.name()).collect();
            let message = format!("{}: `{field}` belongs to the type {}", fields.of, types.join(" or "));
            reader.malformed(&fields.at(field), message);
        }
    }
    match of_type {
        ParameterType::Choice => choices(reader, fields, parameter),
        ParameterType::String => text(reader, fields, parameter),
        ParameterType::Integer | ParameterType::Number => number(reader, fields, parameter),
        ParameterType::Array => list(reader, fields, parameter),
        ParameterType::Boolean | ParameterType::Object => {}
    }
}

fn choices(reader: &mut Reader<'_>, fields: &Fields<'_>, parameter: &mut Parameter) {
    let choices = reader.list(fields, "choices");
    if fields.get("choices").is_none() || choices.as_ref().is_some_and(Vec::is_empty) {
        reader.malformed(&fields.at("choices"), format!("{} needs `choices`: at least one", fields.of));
    }
    parameter.choices = choices.unwrap_or_default();
}

fn text(reader: &mut Reader<'_>, fields: &Fields<'_>, parameter: &mut Parameter) {
    let pattern = reader.text(fields, "pattern");
    parameter.pattern = pattern.filter(|pattern| match parameter::whole(pattern) {
        Ok(_) => true,
        Err(error) => {
            let message = format!("the `pattern` of {} is not a regular expression: {error}", fields.of);
            reader.malformed(&fields.at("pattern"), message);
            false
        }
    });
    let formats = Format::ALL.map(Format::name).join(", ");
    let format = |value: &Value| serde_json::from_value::<Format>(value.clone()).ok();
    parameter.format = reader.read(fields, "format", &format!("one of {formats}"), format);
    parameter.min_length = reader.count(fields, "minLength");
    parameter.max_length = reader.count(fields, "maxLength");
    let crossed = parameter.min_length.zip(parameter.max_length).is_some_and(|(least, most)| least > most);
    refuse_crossed(reader, fields, ["minLength", "maxLength"], crossed);
}

fn number(reader: &mut Reader<'_>, fields: &Fields<'_>, parameter: &mut Parameter) {
    let maximum = reader.number(fields, "maximum");
    let is_positive = |value: &Value| value.as_f64().is_some_and(|number| number > 0.0);
    let multiple = |value: &Value| value.as_number().filter(|_| is_positive(value)).cloned();
    parameter.minimum = reader.number(fields, "minimum");
    parameter.multiple_of = reader.read(fields, "multipleOf", "a number above 0", multiple);
    // The smallest number must not be above the largest.
    let only_most = Parameter { maximum: maximum.clone(), ..Parameter::new("", ParameterType::Number) };
    let least = parameter.minimum.clone().map(Value::Number);
    let crossed = least.is_some_and(|least| only_most.broken_by(&least).is_some());
    parameter.maximum = maximum;
    refuse_crossed(reader, fields, ["minimum", "maximum"], crossed);
}

fn list(reader: &mut Reader<'_>, fields: &Fields<'_>, parameter: &mut Parameter) {
    // Which values an item of type choice could have, nothing would say.
    let item = |value: &Value| {
        value.as_str().and_then(parameter::parse_type).filter(|of| *of != ParameterType::Choice)
    };
    let types = "one of string, integer, number, boolean, array, object";
    parameter.items = reader.read(fields, "items", types, item);
    parameter.min_items = reader.count(fields, "minItems");
    parameter.max_items = reader.count(fields, "maxItems");
    let crossed = parameter.min_items.zip(parameter.max_items).is_some_and(|(least, most)| least > most);
    refuse_crossed(reader, fields, ["minItems", "maxItems"], crossed);
}

fn refuse_crossed(reader: &mut Reader<'_>, fields: &Fields<'_>, [least, most]: [&str; 2], crossed: bool) {
    if crossed {
        let message = format!("{}: `{least}` is above `{most}`, so that no value fits", fields.of);
        reader.malformed(&fields.at(least), message);
    }
}
