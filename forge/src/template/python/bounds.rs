//! What values must not be: nested without end, or keys that can change.

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::args::{misuse, type_name};

/// How deep tuples may be nested: dropping them takes stack.
const MAX_DEPTH: usize = 40;
/// How many values are looked at.
const MOST_STEPS: usize = 10_000;

/// An error, if tuples are nested too deeply in the value.
pub(super) fn check_nesting(value: &Value) -> Result<(), Error> {
    if !value.is_tuple() {
        return Ok(());
    }
    let is_fine = walk(value, 0, &mut MOST_STEPS.clone(), &|_| true);
    if is_fine { Ok(()) } else { Err(misuse("tuples are nested too deeply")) }
}

/// Whether the value can be a key: no list and no dictionary, not even in a tuple.
pub(super) fn is_hashable(value: &Value) -> bool {
    let is_changeable =
        |value: &Value| matches!(value.kind(), ValueKind::Seq | ValueKind::Map) && !value.is_tuple();
    walk(value, 0, &mut MOST_STEPS.clone(), &|value| !is_changeable(value))
}

/// An error, if the value cannot be a key.
pub(super) fn check_hashable(value: &Value) -> Result<(), Error> {
    if is_hashable(value) { Ok(()) } else { Err(misuse(format!("{} cannot be a key", type_name(value)))) }
}

fn walk(value: &Value, depth: usize, left: &mut usize, is_fine: &impl Fn(&Value) -> bool) -> bool {
    let Some(rest) = left.checked_sub(1).filter(|_| depth <= MAX_DEPTH) else { return false };
    *left = rest;
    if !is_fine(value) {
        return false;
    }
    !value.is_tuple()
        || value.try_iter().is_ok_and(|mut items| items.all(|item| walk(&item, depth + 1, left, is_fine)))
}
