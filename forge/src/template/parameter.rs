use regex::Regex;
use serde_json::Value;
use skafu_events::template::{Parameter, ParameterType};

/// Whether a value fits its parameter; if not, a sentence says why.
pub fn check_value(parameter: &Parameter, value: &Value) -> Result<(), String> {
    let fits = match parameter.parameter_type {
        ParameterType::String => value.is_string(),
        ParameterType::Integer => value.is_i64() || value.is_u64(),
        ParameterType::Number => value.is_number(),
        ParameterType::Boolean => value.is_boolean(),
        ParameterType::Array => value.is_array(),
        ParameterType::Object => value.is_object(),
        ParameterType::Choice => {
            if parameter.choices.contains(value) {
                return Ok(());
            }
            return Err(format!("must be one of {}", listed(&parameter.choices)));
        }
    };
    if !fits {
        return Err(format!("must be of type {}", type_name(parameter.parameter_type)));
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

fn type_name(parameter_type: ParameterType) -> &'static str {
    match parameter_type {
        ParameterType::String => "string",
        ParameterType::Integer => "integer",
        ParameterType::Number => "number",
        ParameterType::Boolean => "boolean",
        ParameterType::Array => "array",
        ParameterType::Object => "object",
        ParameterType::Choice => "choice",
    }
}
