//! Taking an item apart, attribute by attribute.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::DecodeError;

pub(super) type Item = HashMap<String, AttributeValue>;

/// The text an attribute holds.
pub(super) fn text(item: &mut Item, name: &'static str) -> Result<String, DecodeError> {
    match item.remove(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(DecodeError::Attribute(name)),
    }
}

/// What the text says that an attribute holds.
pub(super) fn parsed<T: FromStr>(item: &Item, name: &'static str) -> Result<T, DecodeError> {
    let text = item.get(name).and_then(|value| value.as_s().ok());
    text.and_then(|text| text.parse().ok()).ok_or(DecodeError::Attribute(name))
}

/// The number an attribute holds.
pub(super) fn number<T: FromStr>(item: &Item, name: &'static str) -> Result<T, DecodeError> {
    let digits = item.get(name).and_then(|value| value.as_n().ok());
    digits.and_then(|digits| digits.parse().ok()).ok_or(DecodeError::Attribute(name))
}

/// The items of the list an attribute holds.
pub(super) fn items(item: &mut Item, name: &'static str) -> Result<Vec<Item>, DecodeError> {
    let Some(AttributeValue::L(list)) = item.remove(name) else { return Err(DecodeError::Attribute(name)) };
    let map = |value| match value {
        AttributeValue::M(map) => Ok(map),
        _ => Err(DecodeError::Attribute(name)),
    };
    list.into_iter().map(map).collect()
}
