use regex::Regex;
use serde_json::{Map, Value};
use skafu_events::template::{Parameter, ParameterType};

use crate::Violation;

/// Checks given values against what a template asks for, and says everything that is wrong with them.
///
/// A text may stand for a value of another type (`"8080"` for an integer), as forms and command lines
/// have nothing but text; what comes back has the types the template asks for.
pub fn check_parameters(
    parameters: &[Parameter],
    given: &Map<String, Value>,
    at: &str,
) -> Result<Map<String, Value>, Vec<Violation>> {
    let mut violations = Vec::new();
    let mut checked = Map::new();
    for (name, value) in given {
        match parameters.iter().find(|parameter| parameter.name == *name) {
            None => {
                let shown: String = name.chars().take(100).collect();
                let message = "is not a parameter of this template";
                violations.push(Violation::new(format!("{at}/{shown}"), "unknown", message));
            }
            Some(parameter) => match checked_value(parameter, value) {
                Ok(value) => drop(checked.insert(name.clone(), value)),
                Err((code, message)) => {
                    violations.push(Violation::new(format!("{at}/{name}"), code, message));
                }
            },
        }
    }
    for parameter in parameters {
        let has_default = parameter.default.is_some() || !parameter.choices.is_empty();
        if parameter.required && !has_default && !given.contains_key(&parameter.name) {
            let at = format!("{at}/{}", parameter.name);
            violations.push(Violation::new(at, "required", "must be given"));
        }
    }
    if violations.is_empty() { Ok(checked) } else { Err(violations) }
}

type Wrong = (&'static str, String);

fn checked_value(parameter: &Parameter, value: &Value) -> Result<Value, Wrong> {
    let value = typed(parameter.parameter_type, value)
        .ok_or_else(|| ("type", format!("must be of type {}", parameter.parameter_type.name())))?;
    if !parameter.choices.is_empty() && !parameter.choices.contains(&value) {
        let choices: Vec<_> = parameter.choices.iter().map(shown).collect();
        return Err(("choice", format!("must be one of {}", choices.join(", "))));
    }
    if let (Some(pattern), Some(text)) = (&parameter.pattern, value.as_str()) {
        let whole = Regex::new(&format!("^(?:{pattern})$"));
        if !whole.is_ok_and(|pattern| pattern.is_match(text)) {
            return Err(("pattern", format!("must match {pattern}")));
        }
    }
    Ok(value)
}

/// The value in the wanted type, if it is of that type or a text that stands for one.
fn typed(wanted: ParameterType, value: &Value) -> Option<Value> {
    if wanted.admits(value) {
        return Some(value.clone());
    }
    let parsed = serde_json::from_str(value.as_str()?).ok()?;
    wanted.admits(&parsed).then_some(parsed)
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
