use serde_json::{Map, Number, Value};
use skafu_events::template::{Format, Parameter, ParameterType};

use super::super::engine::is_dynamic;
use super::super::parameter;

/// Values for what must be given, as far as that is known before anything is: for a rehearsal.
pub(in super::super) fn stand_ins(parameters: &[Parameter]) -> Map<String, Value> {
    let (mut known, mut stand_ins) = (Map::new(), Map::new());
    for parameter in
        parameters.iter().filter(|parameter| parameter.required || parameter.conditional.is_none())
    {
        let name = &parameter.name;
        match parameter::default_of(parameter) {
            Some(Value::String(text)) if is_dynamic(text) => {}
            Some(value) => drop(known.insert(name.clone(), value.clone())),
            None if parameter.required && parameter.applies(&known) => {
                known.insert(name.clone(), stand_in(parameter));
                stand_ins.insert(name.clone(), stand_in(parameter));
            }
            None => drop(known.insert(name.clone(), Value::Null)),
        }
    }
    stand_ins
}

/// A value that fits, unless a pattern or several rules at once ask for more.
fn stand_in(parameter: &Parameter) -> Value {
    match parameter.parameter_type {
        ParameterType::String => text(parameter),
        ParameterType::Choice => parameter.choices.first().cloned().unwrap_or_default(),
        ParameterType::Integer | ParameterType::Number => number(parameter),
        ParameterType::Boolean => Value::from(false),
        ParameterType::Array => {
            let item = stand_in(&Parameter::new("", parameter.items.unwrap_or(ParameterType::String)));
            Value::Array(vec![item; parameter.min_items.unwrap_or_default().min(100) as usize])
        }
        ParameterType::Object => Value::Object(Map::new()),
    }
}

fn text(parameter: &Parameter) -> Value {
    let example = match parameter.format {
        Some(Format::Email) => "someone@host.example",
        Some(Format::Uri) => "https://host.example/",
        Some(Format::Uuid) => "00000000-0000-4000-8000-000000000000",
        Some(Format::Date) => "2001-02-03",
        Some(Format::Hostname) => "host.example",
        None => "example",
    };
    if parameter.format.is_some() {
        return Value::from(example);
    }
    let least = parameter.min_length.unwrap_or_default().min(10_000) as usize;
    let most = parameter.max_length.map_or(usize::MAX, |most| most as usize);
    let length = example.len().clamp(least, most.max(least));
    Value::from(example.chars().cycle().take(length).collect::<String>())
}

fn number(parameter: &Parameter) -> Value {
    let zero = Number::from(0);
    let one = Number::from(1);
    let bounds = [&parameter.multiple_of, &parameter.minimum, &parameter.maximum];
    let tried = [&one].into_iter().chain(bounds.into_iter().flatten()).chain([&zero]);
    let fits = |number: &&Number| parameter.broken_by(&Value::Number((*number).clone())).is_none();
    Value::Number(tried.clone().find(fits).unwrap_or(&one).clone())
}
