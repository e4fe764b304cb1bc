//! Filters for addresses and for HTML.

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, Value};

use super::add_filter;
use crate::template::python::args::{bind, defined, misuse};
use crate::template::python::markup::{self, text_of, to_markup};
use crate::template::python::sequence::items;
use crate::template::python::token::is_space;

pub(super) fn add(environment: &mut Environment<'_>) {
    add_filter(environment, "urlencode", |_, args| {
        let value = bind("urlencode", &["value"], 1, args)?.value(0);
        match defined(&value)?.kind() {
            ValueKind::Map => {
                let pairs = items(&value)?.into_iter().map(|key| Ok((key.clone(), value.get_item(&key)?)));
                query(pairs.collect::<Result<_, Error>>()?)
            }
            ValueKind::Seq | ValueKind::Iterable => {
                let pairs = items(&value)?.into_iter().map(|pair| match items(&pair)?.as_slice() {
                    [key, value] => Ok((key.clone(), value.clone())),
                    _ => Err(misuse("urlencode takes pairs")),
                });
                query(pairs.collect::<Result<_, Error>>()?)
            }
            _ => Ok(Value::from(quoted(&text_of(&value)?, "/"))),
        }
    });
    add_filter(environment, "xmlattr", |state, args| {
        let bound = bind("xmlattr", &["d", "autospace"], 1, args)?;
        let text = attributes(&bound.value(0), bound.flag(1, true)?)?;
        Ok(if markup::is_escaping(state) { Value::from_safe_string(text) } else { Value::from(text) })
    });
}

/// Every byte that is no letter, no digit, none of `_.-~` and none of `safe` as a number.
fn quoted(text: &str, safe: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if byte.is_ascii_alphanumeric() || "_.-~".contains(c) || safe.contains(c) {
            result.push(c);
        } else {
            result.push_str(&format!("%{byte:02X}"));
        }
    }
    result
}

fn query(pairs: Vec<(Value, Value)>) -> Result<Value, Error> {
    let part = |value: &Value| text_of(value).map(|text| quoted(&text, "").replace("%20", "+"));
    let parts = pairs.iter().map(|(key, value)| Ok(format!("{}={}", part(key)?, part(value)?)));
    Ok(Value::from(parts.collect::<Result<Vec<_>, Error>>()?.join("&")))
}

fn attributes(value: &Value, with_blank: bool) -> Result<String, Error> {
    if defined(value)?.kind() != ValueKind::Map {
        return Err(misuse("xmlattr takes a dictionary"));
    }
    let mut parts = Vec::new();
    for key in items(value)? {
        let item = value.get_item(&key)?;
        if item.is_none() || item.is_undefined() {
            continue;
        }
        let name = text_of(&key)?;
        if name.contains(|c: char| is_space(c) || "/>=".contains(c)) {
            return Err(misuse(format!("{name:?} is no name of an attribute")));
        }
        parts.push(format!("{}=\"{}\"", markup::escaped(&name), text_of(&to_markup(&item)?)?));
    }
    let blank = if with_blank && !parts.is_empty() { " " } else { "" };
    Ok(blank.to_owned() + &parts.join(" "))
}
