//! What can be iterated, and slices of it.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Tuple, ValueKind};
use minijinja::{Error, Value};

use super::args::{defined, misuse, type_name};
use super::list::List;
use super::number::integer;

/// The most items a list may have while it is made.
pub(super) const MAX_ITEMS: usize = 100_000;

/// What `range()` gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) start: i64,
    pub(super) stop: i64,
    pub(super) step: i64,
}

impl Range {
    pub(super) fn length(&self) -> usize {
        let (start, stop, step) = (i128::from(self.start), i128::from(self.stop), i128::from(self.step));
        let span = if step > 0 { stop - start } else { start - stop };
        usize::try_from((span + step.abs() - 1).max(0) / step.abs()).unwrap_or(usize::MAX)
    }

    /// Whether the number is one of them.
    pub(super) fn contains(&self, number: i128) -> bool {
        let (start, stop, step) = (i128::from(self.start), i128::from(self.stop), i128::from(self.step));
        let is_between =
            if step > 0 { (start..stop).contains(&number) } else { number <= start && number > stop };
        is_between && (number - start) % step == 0
    }

    fn at(&self, index: usize) -> Option<i64> {
        let index = i64::try_from(index).ok()?;
        self.step.checked_mul(index).and_then(|offset| self.start.checked_add(offset))
    }
}

impl Object for Range {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let index = usize::try_from(key.as_i64()?).ok().filter(|index| *index < self.length())?;
        self.at(index).map(Value::from)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.length())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "range({}, {}", self.start, self.stop)?;
        if self.step != 1 {
            write!(f, ", {}", self.step)?;
        }
        f.write_str(")")
    }
}

/// Whether it is a list or a tuple.
pub(super) fn is_sequence(value: &Value) -> bool {
    let is_other = value.downcast_object_ref::<Range>().is_some()
        || value.downcast_object_ref::<super::dict::View>().is_some();
    matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) && !is_other
}

/// An error, if it cannot be iterated over.
pub(super) fn check_iterable(value: &Value) -> Result<(), Error> {
    let is_iterable = matches!(
        defined(value)?.kind(),
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map | ValueKind::String
    );
    if is_iterable { Ok(()) } else { Err(misuse(format!("{} is not iterable", type_name(value)))) }
}

/// Everything that iterating over it gives.
pub(super) fn items(value: &Value) -> Result<Vec<Value>, Error> {
    check_iterable(value)?;
    if value.len().is_some_and(|length| length > MAX_ITEMS) {
        return Err(misuse("the list is too long"));
    }
    let items: Vec<Value> = value.try_iter()?.take(MAX_ITEMS + 1).collect();
    if items.len() > MAX_ITEMS {
        return Err(misuse("the list is too long"));
    }
    Ok(items)
}

fn bound(value: &Value) -> Result<Option<i64>, Error> {
    if defined(value)?.is_none() {
        return Ok(None);
    }
    let number = integer(value).ok_or_else(|| misuse("slices take integers"))?;
    let clamped = number.clamp(i128::from(i64::MIN / 2), i128::from(i64::MAX / 2));
    Ok(i64::try_from(clamped).ok())
}

/// `value[start:stop:step]`
pub(super) fn slice(value: &Value, bounds: [&Value; 3]) -> Result<Value, Error> {
    let step = bound(bounds[2])?.unwrap_or(1);
    if step == 0 {
        return Err(misuse("the step of a slice cannot be 0"));
    }
    if !matches!(defined(value)?.kind(), ValueKind::String | ValueKind::Seq | ValueKind::Iterable) {
        return Err(misuse(format!("{} has no slices", type_name(value))));
    }
    let given = value.downcast_object_ref::<Range>();
    let all = if given.is_some() { Vec::new() } else { items(value)? };
    let length = i64::try_from(given.map_or(all.len(), Range::length)).unwrap_or(i64::MAX / 2);
    let (first, last) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let place = |bound: Option<i64>, default: i64| {
        bound.map_or(default, |at| if at < 0 { at + length } else { at }.clamp(first, last))
    };
    let (start, stop) = if step > 0 { (0, length) } else { (length - 1, -1) };
    let picked = Range { start: place(bound(bounds[0])?, start), stop: place(bound(bounds[1])?, stop), step };
    if let Some(range) = given {
        let at = |index: i64| range.start.saturating_add(range.step.saturating_mul(index));
        let step = range.step.saturating_mul(step);
        return Ok(Value::from_object(Range { start: at(picked.start), stop: at(picked.stop), step }));
    }
    let indices = (0..picked.length()).filter_map(|index| usize::try_from(picked.at(index)?).ok());
    let picked = indices.filter_map(|index| all.get(index).cloned());
    Ok(match value.kind() {
        ValueKind::String => {
            let text: String = picked.filter_map(|c| c.as_str().map(str::to_owned)).collect();
            if value.is_safe() { Value::from_safe_string(text) } else { Value::from(text) }
        }
        _ if value.is_tuple() => Value::from(Tuple::from(picked.collect::<Vec<_>>())),
        _ => List::value(picked.collect()),
    })
}
