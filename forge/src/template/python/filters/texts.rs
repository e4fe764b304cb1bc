//! Filters on texts.

use minijinja::value::Tuple;
use minijinja::{Environment, Error, Value};

use super::add_filter;
use crate::template::python::args::{bind, misuse, split};
use crate::template::python::dict::Dict;
use crate::template::python::markup::{self, text_of};
use crate::template::python::repr::MAX_TEXT;
use crate::template::python::token::is_space;
use crate::template::python::{case, json, pretty, printf, strings};

/// The text with the safety of the value it came from.
fn like(value: &Value, text: String) -> Value {
    if value.is_safe() { Value::from_safe_string(text) } else { Value::from(text) }
}

fn simple(environment: &mut Environment<'_>, name: &'static str, change: fn(&str) -> String) {
    add_filter(environment, name, move |_, args| {
        let value = bind(name, &["s"], 1, args)?.value(0);
        Ok(like(&value, change(&text_of(&value)?)))
    });
}

pub(super) fn add(environment: &mut Environment<'_>) {
    simple(environment, "upper", str::to_uppercase);
    simple(environment, "lower", str::to_lowercase);
    simple(environment, "capitalize", case::capitalized);
    simple(environment, "title", title);
    for name in ["escape", "e"] {
        add_filter(environment, name, |_, args| {
            markup::to_markup(&bind("escape", &["value"], 1, args)?.value(0))
        });
    }
    add_filter(environment, "forceescape", |_, args| {
        let text = text_of(&bind("forceescape", &["value"], 1, args)?.value(0))?;
        Ok(Value::from_safe_string(markup::escaped(&text)))
    });
    add_filter(environment, "safe", |_, args| {
        Ok(Value::from_safe_string(text_of(&bind("safe", &["value"], 1, args)?.value(0))?))
    });
    add_filter(environment, "string", |_, args| {
        let value = bind("string", &["object"], 1, args)?.value(0);
        Ok(like(&value, text_of(&value)?))
    });
    add_filter(environment, "trim", |_, args| {
        let bound = bind("trim", &["value", "chars"], 1, args)?;
        let (value, chars) = (bound.value(0), bound.optional_text(1)?);
        let text = text_of(&value)?;
        let is_stripped = |c: char| chars.as_ref().map_or_else(|| is_space(c), |chars| chars.contains(c));
        Ok(like(&value, text.trim_matches(is_stripped).to_owned()))
    });
    add_filter(environment, "replace", |_, args| {
        let bound = bind("replace", &["s", "old", "new", "count"], 3, args)?;
        let count = usize::try_from(bound.integer(3, -1)?).unwrap_or(usize::MAX);
        let (old, new) = (text_of(&bound.value(1))?, text_of(&bound.value(2))?);
        strings::replaced(&text_of(&bound.value(0))?, &old, &new, count).map(Value::from)
    });
    add_filter(environment, "center", |_, args| {
        let bound = bind("center", &["value", "width"], 1, args)?;
        strings::centered(&text_of(&bound.value(0))?, bound.count(1, 80)?).map(Value::from)
    });
    add_filter(environment, "format", |_, args| format(args));
    add_filter(environment, "wordcount", |_, args| {
        let text = text_of(&bind("wordcount", &["s"], 1, args)?.value(0))?;
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        Ok(Value::from(words.filter(|word| !word.is_empty()).count()))
    });
    add_filter(environment, "indent", |_, args| indent(args));
    add_filter(environment, "truncate", |_, args| truncate(args));
    add_filter(environment, "pprint", |_, args| {
        pretty::formatted(&bind("pprint", &["value"], 1, args)?.value(0)).map(Value::from)
    });
    add_filter(environment, "tojson", |_, args| {
        let bound = bind("tojson", &["value", "indent"], 1, args)?;
        let text = json::dumps(&bound.value(0), json::indent(&bound.value(1))?)?;
        let text = text.replace('<', "\\u003c").replace('>', "\\u003e");
        Ok(Value::from_safe_string(text.replace('&', "\\u0026").replace('\'', "\\u0027")))
    });
    add_filter(environment, "jsonify", |_, args| {
        let bound = bind("jsonify", &["obj", "indent"], 1, args)?;
        let indent = bound.get(1).cloned().unwrap_or_else(|| Value::from(4));
        json::dumps(&bound.value(0), json::indent(&indent)?).map(Value::from)
    });
}

/// The first letter behind blanks, hyphens and opening brackets in upper case, all others in lower case.
fn title(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    let is_break = |c: char| is_space(c) || "-({[<".contains(c);
    while !rest.is_empty() {
        let at_break = rest.starts_with(is_break);
        let end = rest.find(|c| is_break(c) != at_break).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        let first = part.chars().next().map_or(0, char::len_utf8);
        result.push_str(&part[..first].to_uppercase());
        result.push_str(&part[first..].to_lowercase());
        rest = after;
    }
    result
}

fn format(args: &[Value]) -> Result<Value, Error> {
    let (positional, named) = split(args);
    let (template, values) = positional.split_first().ok_or_else(|| misuse("format needs a text"))?;
    let given = match (values.is_empty(), named.is_empty()) {
        (false, false) => return Err(misuse("format takes arguments by position or by name, not both")),
        (true, false) => Dict::value(named.into_iter().map(|(name, value)| (Value::from(name), value))),
        _ => Value::from(Tuple::from(values)),
    };
    printf::format(&text_of(template)?, &given).map(Value::from)
}

fn indent(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("indent", &["s", "width", "first", "blank"], 1, args)?;
    let value = bound.value(0);
    let width = bound.value(1);
    let blanks = match width.as_str() {
        Some(text) => text.to_owned(),
        None => " ".repeat(bound.count(1, 4)?.min(10_000)),
    };
    let (indents_first, indents_blank) = (bound.flag(2, false)?, bound.flag(3, false)?);
    // The newline keeps what would be an empty line at the end.
    let text = value.as_str().ok_or_else(|| misuse("only texts are indented"))?;
    let text = Value::from(text.to_owned() + "\n");
    let lines = strings::call(&text, "splitlines", &[])?;
    let mut result = String::new();
    for (index, line) in lines.try_iter()?.enumerate() {
        let line = text_of(&line)?;
        let is_indented = if index == 0 { indents_first } else { indents_blank || !line.is_empty() };
        result.push_str(if index > 0 { "\n" } else { "" });
        result.push_str(if is_indented { &blanks } else { "" });
        result.push_str(&line);
        if result.len() > MAX_TEXT {
            return Err(misuse("the text is too long"));
        }
    }
    Ok(like(&value, result))
}

fn truncate(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("truncate", &["s", "length", "killwords", "end", "leeway"], 1, args)?;
    let value = bound.value(0);
    let end = bound.get(3).map_or_else(|| Ok("...".to_owned()), text_of)?;
    let (length, leeway) = (bound.count(1, 255)?, bound.integer(4, 5)?);
    let kept = length
        .checked_sub(end.chars().count())
        .ok_or_else(|| misuse("the length is less than that of the end"))?;
    let leeway = usize::try_from(leeway).map_err(|_| misuse("the leeway is negative"))?;
    let size = value.as_str().ok_or_else(|| misuse("only texts are truncated"))?;
    if size.chars().count() <= length.saturating_add(leeway) {
        return Ok(value);
    }
    let head: String = size.chars().take(kept).collect();
    let head = if bound.flag(2, false)? {
        head.as_str()
    } else {
        head.rsplit_once(' ').map_or(head.as_str(), |(head, _)| head)
    };
    Ok(like(&value, head.to_owned() + &end))
}
