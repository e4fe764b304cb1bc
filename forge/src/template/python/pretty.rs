//! `pprint.pformat(value)`: dictionaries in order, and long values over several lines.

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::args::misuse;
use super::compare::{Steps, is_without_order};
use super::dict::Dict;
use super::list::List;
use super::markup::repr_of;
use super::sequence::{self, items};
use super::sorting::sort_by;

const WIDTH: usize = 80;
/// How many values are printed.
const MOST_VALUES: usize = 100_000;

/// The value's text.
pub(super) fn formatted(value: &Value) -> Result<String, Error> {
    let value = sorted(value, 0, &mut MOST_VALUES.clone())?;
    let mut out = String::new();
    write(&mut out, &value, 0, 0)?;
    Ok(out)
}

/// The value with all its dictionaries in order.
fn sorted(value: &Value, depth: usize, left: &mut usize) -> Result<Value, Error> {
    let rest = left.checked_sub(1).filter(|_| depth < 50);
    *left = rest.ok_or_else(|| misuse("the value is too large to be printed"))?;
    if value.downcast_object_ref::<Dict>().is_some() || (value.kind() == ValueKind::Map) {
        let mut pairs = Vec::new();
        for key in items(value)? {
            let item = sorted(&value.get_item(&key)?, depth + 1, left)?;
            pairs.push((key, item));
        }
        let mut steps = Steps::of_many();
        match sort_by(&mut pairs, false, |a, b| steps.order(&a.0, &b.0)) {
            // Keys that have no order stay as they are.
            Err(error) if is_without_order(&error) => {}
            sorted => sorted?,
        }
        return Ok(Dict::value(pairs));
    }
    if value.downcast_object_ref::<List>().is_some() {
        let items =
            items(value)?.iter().map(|item| sorted(item, depth + 1, left)).collect::<Result<_, _>>()?;
        return Ok(List::value(items));
    }
    Ok(value.clone())
}

/// `room` is what must follow on the last line.
fn write(out: &mut String, value: &Value, indent: usize, room: usize) -> Result<(), Error> {
    let line = repr_of(value)?;
    let is_container = value.kind() == ValueKind::Map || sequence::is_sequence(value);
    if !is_container || indent + line.chars().count() + room <= WIDTH {
        out.push_str(&line);
        return Ok(());
    }
    let is_map = value.kind() == ValueKind::Map;
    let (open, close) = match (is_map, value.is_tuple()) {
        (true, _) => ('{', "}"),
        (_, true) => ('(', ")"),
        _ => ('[', "]"),
    };
    out.push(open);
    let all = items(value)?;
    for (index, item) in all.iter().enumerate() {
        if index > 0 {
            out.push_str(",\n");
            out.push_str(&" ".repeat(indent + 1));
        }
        let room = if index + 1 == all.len() { room + 1 } else { 1 };
        if is_map {
            let key = repr_of(item)? + ": ";
            out.push_str(&key);
            write(out, &value.get_item(item)?, indent + 1 + key.chars().count(), room)?;
        } else {
            write(out, item, indent + 1, room)?;
        }
    }
    out.push_str(if value.is_tuple() && all.len() == 1 { ",)" } else { close });
    Ok(())
}
