//! Values as Python prints them: `str()` and `repr()`.

use std::fmt::{self, Write};

use minijinja::Value;
use minijinja::value::ValueKind;

use super::dict::{Dict, View};
use super::float;
use super::list::List;

/// How deep a value may be nested to be printed.
const MAX_DEPTH: usize = 60;
/// The most bytes a text may take while it is made.
pub(super) const MAX_TEXT: usize = 16 << 20;

/// `str(value)`. What cannot be printed is an error: it is nested too deeply, or too large.
pub(super) fn write_str(out: &mut dyn Write, value: &Value) -> fmt::Result {
    match value.as_str() {
        Some(text) => out.write_str(text),
        None if value.is_undefined() => Ok(()),
        None => write_repr(&mut Limited { out, left: MAX_TEXT }, value, 0),
    }
}

/// `str(value)`
pub(super) fn to_str(value: &Value) -> Result<String, fmt::Error> {
    let mut text = String::new();
    write_str(&mut text, value).map(|()| text)
}

/// `repr(value)`
pub(super) fn to_repr(value: &Value) -> Result<String, fmt::Error> {
    let mut text = String::new();
    write_repr(&mut Limited { out: &mut text, left: MAX_TEXT }, value, 0).map(|()| text)
}

struct Limited<'o> {
    out: &'o mut dyn Write,
    left: usize,
}

impl Write for Limited<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.left = self.left.checked_sub(text.len()).ok_or(fmt::Error)?;
        self.out.write_str(text)
    }
}

/// `repr(value)`, at this depth.
pub(super) fn write_repr(out: &mut dyn Write, value: &Value, depth: usize) -> fmt::Result {
    if depth > MAX_DEPTH {
        return Err(fmt::Error);
    }
    match value.kind() {
        ValueKind::Undefined => out.write_str("Undefined"),
        ValueKind::None => out.write_str("None"),
        ValueKind::Bool => out.write_str(if value.is_true() { "True" } else { "False" }),
        ValueKind::Number if value.is_integer() => write!(out, "{value}"),
        ValueKind::Number => {
            let number = f64::try_from(value.clone()).map_err(|_| fmt::Error)?;
            out.write_str(&float::repr(number))
        }
        ValueKind::String if value.is_safe() => {
            out.write_str("Markup(")?;
            write_quoted(out, value.as_str().unwrap_or_default())?;
            out.write_char(')')
        }
        ValueKind::String => write_quoted(out, value.as_str().unwrap_or_default()),
        _ => write_object(out, value, depth),
    }
}

fn write_object(out: &mut dyn Write, value: &Value, depth: usize) -> fmt::Result {
    if let Some(list) = value.downcast_object_ref::<List>() {
        return write_items(out, ("[", "]"), &list.items(), depth);
    }
    if let Some(dict) = value.downcast_object_ref::<Dict>() {
        return write_pairs(out, &dict.pairs(), depth);
    }
    if let Some(view) = value.downcast_object_ref::<View>() {
        return view.write(out, depth);
    }
    let Some(object) = value.as_object() else { return write!(out, "{value}") };
    let type_name = object.type_name();
    let is = |name: &str| type_name.ends_with(name);
    if value.is_tuple() {
        let items: Vec<Value> = value.try_iter().map_err(|_| fmt::Error)?.collect();
        let close = if items.len() == 1 { ",)" } else { ")" };
        write_items(out, ("(", close), &items, depth)
    } else if is("::Loop") {
        write!(out, "<LoopContext {}/{}>", attribute(value, "index")?, attribute(value, "length")?)
    } else if is("::Namespace") {
        out.write_str("<Namespace ")?;
        write_pairs(out, &pairs(value)?, depth)?;
        out.write_char('>')
    } else if is("::Macro") {
        write!(out, "<Macro {}>", super::text::quoted(&attribute(value, "name")?.to_string()))
    } else if value.kind() == ValueKind::Map && !is("::Module") && !type_name.starts_with("skafu") {
        write_pairs(out, &pairs(value)?, depth)
    } else if matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable)
        && value.len().is_some()
        && !type_name.starts_with("skafu")
    {
        let items: Vec<Value> = value.try_iter().map_err(|_| fmt::Error)?.collect();
        write_items(out, ("[", "]"), &items, depth)
    } else {
        write!(out, "{value}")
    }
}

// `fmt::Error` carries no reason: who prints tells that the value cannot be printed.

fn attribute(value: &Value, name: &str) -> Result<Value, fmt::Error> {
    value.get_attr(name).map_err(|_| fmt::Error)
}

fn pairs(value: &Value) -> Result<Vec<(Value, Value)>, fmt::Error> {
    let keys = value.try_iter().map_err(|_| fmt::Error)?;
    keys.map(|key| Ok((key.clone(), value.get_item(&key).map_err(|_| fmt::Error)?))).collect()
}

/// The items of a container between its brackets.
pub(super) fn write_items(
    out: &mut dyn Write,
    brackets: (&str, &str),
    items: &[Value],
    depth: usize,
) -> fmt::Result {
    out.write_str(brackets.0)?;
    for (index, item) in items.iter().enumerate() {
        out.write_str(if index > 0 { ", " } else { "" })?;
        write_repr(out, item, depth + 1)?;
    }
    out.write_str(brackets.1)
}

fn write_pairs(out: &mut dyn Write, pairs: &[(Value, Value)], depth: usize) -> fmt::Result {
    out.write_char('{')?;
    for (index, (key, value)) in pairs.iter().enumerate() {
        out.write_str(if index > 0 { ", " } else { "" })?;
        write_repr(out, key, depth + 1)?;
        out.write_str(": ")?;
        write_repr(out, value, depth + 1)?;
    }
    out.write_char('}')
}

fn write_quoted(out: &mut dyn Write, text: &str) -> fmt::Result {
    out.write_str(&super::text::quoted(text))
}
