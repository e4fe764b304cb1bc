use regex::Regex;
use serde_json::{Number, Value};
use skafu_events::template::{Parameter, ParameterType};

/// Words of expressions: a parameter of such a name could not be named by any.
const KEYWORDS: [&str; 15] = [
    "and", "else", "false", "False", "if", "in", "is", "loop", "none", "None", "not", "or", "self", "true",
    "True",
];

/// Whether a value fits its parameter; if not, a sentence about it says why.
pub fn check_value(parameter: &Parameter, value: &Value) -> Result<(), String> {
    if let Some(broken) = parameter.broken_by(value) {
        return Err(broken.message);
    }
    let (Some(pattern), Some(text)) = (&parameter.pattern, value.as_str()) else { return Ok(()) };
    match whole(pattern) {
        Ok(expression) if expression.is_match(text) => Ok(()),
        Ok(_) => Err(format!("must match `{pattern}`")),
        Err(error) => Err(format!("cannot be compared with `{pattern}`: {error}")),
    }
}

/// Reads what was typed as a value of the parameter's type: `512` as a number, `true` as true, `[1, 2]` as a
/// list, but as a text if that is what is asked for. Whether the value fits, [`check_value`] says.
pub fn parse_value(parameter: &Parameter, text: &str) -> Result<Value, String> {
    let typed = text.trim();
    let read = match parameter.parameter_type {
        ParameterType::String => Some(Value::from(text)),
        ParameterType::Choice => parameter.choices.iter().find(|choice| is_shown_as(choice, text)).cloned(),
        ParameterType::Integer => {
            typed.parse::<i64>().map(Value::from).or_else(|_| typed.parse::<u64>().map(Value::from)).ok()
        }
        ParameterType::Number => number(typed),
        ParameterType::Boolean => typed.parse::<bool>().map(Value::from).ok(),
        ParameterType::Array | ParameterType::Object => {
            serde_json::from_str(typed).ok().filter(|value| parameter.parameter_type.admits(value))
        }
    };
    read.ok_or_else(|| match parameter.parameter_type {
        ParameterType::String | ParameterType::Choice => {
            let choices: Vec<String> = parameter.choices.iter().map(Value::to_string).collect();
            format!("must be one of {}", choices.join(", "))
        }
        ParameterType::Integer => "must be a whole number, such as 512".to_owned(),
        ParameterType::Number => "must be a number, such as 0.5".to_owned(),
        ParameterType::Boolean => "must be true or false".to_owned(),
        ParameterType::Array => "must be a JSON list, such as [1, 2]".to_owned(),
        ParameterType::Object => "must be a JSON object, such as {\"name\": 1}".to_owned(),
    })
}

fn is_shown_as(choice: &Value, text: &str) -> bool {
    match choice {
        Value::String(choice) => choice == text,
        other => serde_json::from_str::<Value>(text).is_ok_and(|value| value == *other),
    }
}

/// Whole numbers stay whole.
fn number(text: &str) -> Option<Value> {
    let whole = text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from));
    whole.ok().or_else(|| Number::from_f64(text.parse().ok()?)).map(Value::Number)
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

/// A letter, then letters, digits and `_`: what an expression can name, unless the name is a word of its own.
pub(super) fn is_name(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
}

pub(super) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// The default, or else the first choice.
pub(super) fn default_of(parameter: &Parameter) -> Option<&Value> {
    parameter.default.as_ref().or_else(|| parameter.choices.first())
}
