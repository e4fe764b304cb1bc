use regex::Regex;
use serde_json::{Map, Value};
use skafu_events::template::{BrokenRule, Parameter, ParameterType};

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
                Err(BrokenRule { rule, message }) => {
                    violations.push(Violation::new(format!("{at}/{name}"), rule, message));
                }
            },
        }
    }
    for parameter in parameters {
        let applies = applies(parameter, parameters, given, &checked);
        if applies == Some(false) && checked.get(&parameter.name).is_some_and(|value| !value.is_null()) {
            let message = "must not be given: it does not apply to the other values";
            violations.push(Violation::new(format!("{at}/{}", parameter.name), "conditional", message));
        }
        let has_default = parameter.default.is_some() || !parameter.choices.is_empty();
        let missing = parameter.required && !has_default && !given.contains_key(&parameter.name);
        if missing && applies == Some(true) {
            let at = format!("{at}/{}", parameter.name);
            violations.push(Violation::new(at, "required", "must be given"));
        }
    }
    if violations.is_empty() { Ok(checked) } else { Err(violations) }
}

/// Whether the parameter is asked for; nothing, if that hangs on an expression or on a wrong value.
fn applies(
    parameter: &Parameter,
    parameters: &[Parameter],
    given: &Map<String, Value>,
    checked: &Map<String, Value>,
) -> Option<bool> {
    let Some(conditional) = &parameter.conditional else { return Some(true) };
    // Conditions look back only, so that following them ends.
    let at = parameters.iter().position(|it| it.name == parameter.name)?;
    let other = parameters[..at].iter().find(|it| it.name == conditional.depends_on)?;
    let value = if !applies(other, parameters, given, checked)? {
        &Value::Null
    } else if given.contains_key(&other.name) {
        checked.get(&other.name)?
    } else {
        let default = other.default.as_ref().or(other.choices.first()).unwrap_or(&Value::Null);
        if default.as_str().is_some_and(|text| text.contains("{{") || text.contains("{%")) {
            return None;
        }
        default
    };
    Some(conditional.values.contains(value))
}

fn checked_value(parameter: &Parameter, value: &Value) -> Result<Value, BrokenRule> {
    let broken = |rule, message| Err(BrokenRule { rule, message });
    let Some(value) = typed(parameter.parameter_type, value) else {
        return broken("type", format!("must be of type {}", parameter.parameter_type.name()));
    };
    // Events of old have choices on parameters of other types, too.
    if !parameter.choices.is_empty() && !parameter.choices.contains(&value) {
        let choices: Vec<_> = parameter.choices.iter().map(shown).collect();
        return broken("choice", format!("must be one of {}", choices.join(", ")));
    }
    if let Some(rule) = parameter.broken_by(&value) {
        return Err(rule);
    }
    if let (Some(pattern), Some(text)) = (&parameter.pattern, value.as_str()) {
        let whole = Regex::new(&format!("^(?:{pattern})$"));
        if !whole.is_ok_and(|pattern| pattern.is_match(text)) {
            return broken("pattern", format!("must match {pattern}"));
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
