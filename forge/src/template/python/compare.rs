//! Comparisons as Python makes them.

use std::cmp::Ordering;

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::args::{defined, misuse, type_name, undefined};
use super::dict::Dict;
use super::number::Number;
use super::printf;
use super::sequence::{self, Range};

/// How many values one comparison may look at.
const MOST_STEPS: usize = 1_000_000;
/// How many values all comparisons of one filter, method or test may look at. The largest list is sorted with half of it.
const MOST_STEPS_IN_ALL: usize = 10_000_000;

/// `a < b <= c …`: values with the operators between them.
pub(super) fn chain(parts: &[Value]) -> Result<Value, Error> {
    for window in parts.windows(3).step_by(2) {
        if let [a, operator, b] = window
            && !holds(a, operator.as_str().unwrap_or_default(), b)?
        {
            return Ok(Value::from(false));
        }
    }
    Ok(Value::from(true))
}

pub(super) fn holds(a: &Value, operator: &str, b: &Value) -> Result<bool, Error> {
    match operator {
        "in" => contains(b, a),
        "not in" => contains(b, a).map(|is_in| !is_in),
        "==" => equal(defined(a)?, defined(b)?),
        "!=" => equal(defined(a)?, defined(b)?).map(|is| !is),
        _ => {
            let order = Steps { left: MOST_STEPS }.order(a, b)?;
            Ok(match operator {
                "<" => order == Some(Ordering::Less),
                "<=" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
                ">" => order == Some(Ordering::Greater),
                _ => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            })
        }
    }
}

fn contains(container: &Value, item: &Value) -> Result<bool, Error> {
    match defined(container)?.kind() {
        ValueKind::String => match (container.as_str(), defined(item)?.as_str()) {
            (Some(container), Some(item)) => Ok(container.contains(item)),
            _ => Err(misuse(format!("only a text can be in a text, not {}", type_name(item)))),
        },
        ValueKind::Map => match container.downcast_object_ref::<Dict>() {
            Some(dict) => Ok(dict.get(item).is_some()),
            None => Ok(container.as_object().and_then(|object| object.get_value(item)).is_some()),
        },
        ValueKind::Seq | ValueKind::Iterable => {
            if let Some(range) = container.downcast_object_ref::<Range>() {
                let number = match Number::of(defined(item)?) {
                    Some(Number::Float(number)) if number.fract() == 0.0 => {
                        printf::whole(Number::Float(number)).ok()
                    }
                    Some(Number::Integer(number)) => Some(number),
                    _ => None,
                };
                return Ok(number.is_some_and(|number| range.contains(number)));
            }
            let mut steps = Steps::of_many();
            for candidate in sequence::items(container)? {
                if candidate.is_undefined() && !item.is_undefined() {
                    return Err(undefined(&candidate));
                }
                if steps.equal(&candidate, defined(item)?)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => Err(misuse(format!("{} has no items", type_name(container)))),
    }
}

/// `a == b`
pub(super) fn equal(a: &Value, b: &Value) -> Result<bool, Error> {
    Steps { left: MOST_STEPS }.equal(a, b)
}

/// What comparisons may still look at.
pub(super) struct Steps {
    left: usize,
}

impl Steps {
    /// For comparisons that are made one after the other.
    pub(super) fn of_many() -> Self {
        Self { left: MOST_STEPS_IN_ALL }
    }

    /// `a == b`
    pub(super) fn equal(&mut self, a: &Value, b: &Value) -> Result<bool, Error> {
        same(a, b, self, 0)
    }

    /// Which comes first; nothing if that is not a number. An error if they have no order.
    pub(super) fn order(&mut self, a: &Value, b: &Value) -> Result<Option<Ordering>, Error> {
        ordered(a, b, self, 0)
    }

    fn take(&mut self, depth: usize) -> Result<(), Error> {
        let left = self.left.checked_sub(1).filter(|_| depth < 200);
        self.left = left.ok_or_else(|| misuse("too much to compare"))?;
        Ok(())
    }
}

/// Two values of which neither comes first.
#[derive(Debug, thiserror::Error)]
#[error("the values have no order")]
struct NoOrder;

/// Whether a comparison failed for want of an order, and of nothing else.
pub(super) fn is_without_order(error: &Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<NoOrder>())
}

fn same(a: &Value, b: &Value, steps: &mut Steps, depth: usize) -> Result<bool, Error> {
    steps.take(depth)?;
    if let (Some(x), Some(y)) = (Number::of(a), Number::of(b)) {
        return Ok(compare_numbers(x, y) == Some(Ordering::Equal));
    }
    if let (Some(x), Some(y)) = (a.as_str(), b.as_str()) {
        return Ok(x == y);
    }
    let is_list = |value: &Value| matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable);
    if a.kind() == ValueKind::Map && b.kind() == ValueKind::Map {
        if a.len() != b.len() {
            return Ok(false);
        }
        for key in a.try_iter()? {
            let other = b.as_object().and_then(|object| object.get_value(&key));
            match other {
                Some(other) if same(&a.get_item(&key)?, &other, steps, depth + 1)? => {}
                _ => return Ok(false),
            }
        }
        return Ok(true);
    }
    if is_list(a) && is_list(b) && a.is_tuple() == b.is_tuple() {
        if a.len() != b.len() {
            return Ok(false);
        }
        for (x, y) in a.try_iter()?.zip(b.try_iter()?) {
            if !same(&x, &y, steps, depth + 1)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    Ok(a.kind() == b.kind() && !is_list(a) && a == b)
}

fn compare_numbers(a: Number, b: Number) -> Option<Ordering> {
    match (a, b) {
        (Number::Integer(x), Number::Integer(y)) => Some(x.cmp(&y)),
        _ => a.float().partial_cmp(&b.float()),
    }
}

fn ordered(a: &Value, b: &Value, steps: &mut Steps, depth: usize) -> Result<Option<Ordering>, Error> {
    steps.take(depth)?;
    let (a, b) = (defined(a)?, defined(b)?);
    if let (Some(x), Some(y)) = (Number::of(a), Number::of(b)) {
        return Ok(compare_numbers(x, y));
    }
    if let (Some(x), Some(y)) = (a.as_str(), b.as_str()) {
        return Ok(Some(x.cmp(y)));
    }
    if sequence::is_sequence(a) && sequence::is_sequence(b) && a.is_tuple() == b.is_tuple() {
        for (x, y) in a.try_iter()?.zip(b.try_iter()?) {
            if !same(&x, &y, steps, depth + 1)? {
                return ordered(&x, &y, steps, depth + 1);
            }
        }
        return Ok(Some(a.len().cmp(&b.len())));
    }
    let message = format!("{} and {} have no order", type_name(a), type_name(b));
    Err(misuse(message).with_source(NoOrder))
}
