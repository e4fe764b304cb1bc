//! What filters look up in the items they are given: `"a.b.0"`.

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::args::defined;
use super::number::integer;

/// A path of keys and indices.
#[derive(Debug, Clone)]
pub(super) struct Path(Vec<Value>);

impl Path {
    /// From a filter's argument; `none` is the item itself.
    pub(super) fn new(attribute: &Value) -> Result<Self, Error> {
        let part = |part: &str| {
            let is_index = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<i64>().ok().filter(|_| is_index).map_or_else(|| Value::from(part), Value::from)
        };
        Ok(Self(match (defined(attribute)?.as_str(), integer(attribute)) {
            (Some(text), _) => text.split('.').map(part).collect(),
            (_, Some(_)) => vec![attribute.clone()],
            _ => Vec::new(),
        }))
    }

    /// Several of them, if the argument is a text with commas.
    pub(super) fn several(attribute: &Value) -> Result<Vec<Self>, Error> {
        match defined(attribute)?.as_str() {
            Some(text) => text.split(',').map(|part| Self::new(&Value::from(part))).collect(),
            None => Ok(vec![Self::new(attribute)?]),
        }
    }

    pub(super) fn of(&self, item: &Value) -> Result<Value, Error> {
        self.0.iter().try_fold(item.clone(), |item, part| item.get_item(part))
    }
}

/// Texts without their case, everything else as it is.
pub(super) fn without_case(value: Value, is_case_sensitive: bool) -> Value {
    match value.as_str() {
        Some(text) if !is_case_sensitive && value.kind() == ValueKind::String => {
            Value::from(text.to_lowercase())
        }
        _ => value,
    }
}
