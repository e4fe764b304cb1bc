use regex::Regex;
use serde_json::Value;
use skafu_events::template::{Parameter, ParameterType};

/// Whether a value fits its parameter; if not, a sentence says why.
pub fn check_value(parameter: &Parameter, value: &Value) -> Result<(), String> {
    if parameter.parameter_type == ParameterType::Choice {
        let known = parameter.choices.contains(value);
        return if known { Ok(()) } else { Err(format!("must be one of {}", listed(&parameter.choices))) };
    }
    if !parameter.parameter_type.admits(value) {
        return Err(format!("must be of type {}", parameter.parameter_type.name()));
    }
    let (Some(pattern), Some(text)) = (&parameter.pattern, value.as_str()) else { return Ok(()) };
    match whole(pattern) {
        Ok(expression) if expression.is_match(text) => Ok(()),
        Ok(_) => Err(format!("must match `{pattern}`")),
        Err(error) => Err(format!("cannot be compared with `{pattern}`: {error}")),
    }
}

/// A pattern that the whole text must match.
pub(super) fn whole(pattern: &str) -> Result<Regex, regex::Error> {
    // Alone first: a stray parenthesis must not close the group.
    Regex::new(pattern)?;
    Regex::new(&format!("^(?:{pattern})$"))
}

pub(super) fn parse_type(name: &str) -> Option<ParameterType> {
    serde_json::from_value(Value::from(name)).ok()
}

/// Letters, digits and `_`, not starting with a digit: what an expression can name.
pub(super) fn is_name(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.chars().next().is_some_and(|c| !c.is_ascii_digit())
}

/// The default, or else the first choice.
pub(super) fn default_of(parameter: &Parameter) -> Option<&Value> {
    parameter.default.as_ref().or_else(|| parameter.choices.first())
}

fn listed(choices: &[Value]) -> String {
    choices.iter().map(Value::to_string).collect::<Vec<_>>().join(", ")
}
