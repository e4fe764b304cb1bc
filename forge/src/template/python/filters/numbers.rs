//! Filters on numbers.

use std::cmp::Ordering;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, Value};

use super::add_filter;
use crate::template::python::args::{bind, defined, misuse, type_name};
use crate::template::python::convert;
use crate::template::python::number::Number;

pub(super) fn add(environment: &mut Environment<'_>) {
    add_filter(environment, "abs", |_, args| match bind("abs", &["x"], 1, args)?.number(0)? {
        Number::Integer(number) => Ok(Number::Integer(number.saturating_abs()).value()),
        Number::Float(number) => Ok(Value::from(number.abs())),
    });
    add_filter(environment, "int", |_, args| {
        let bound = bind("int", &["value", "default", "base"], 1, args)?;
        let value = bound.value(0);
        let default = bound.get(1).cloned().unwrap_or_else(|| Value::from(0));
        Ok(convert::to_integer(defined(&value)?, bound.integer(2, 10)?)?
            .map_or(default, |n| Number::Integer(n).value()))
    });
    add_filter(environment, "float", |_, args| {
        let bound = bind("float", &["value", "default"], 1, args)?;
        let value = bound.value(0);
        let default = bound.get(1).cloned().unwrap_or_else(|| Value::from(0.0));
        Ok(convert::to_float(defined(&value)?).map_or(default, Value::from))
    });
    add_filter(environment, "round", |_, args| round(args));
    add_filter(environment, "filesizeformat", |_, args| file_size(args));
}

fn round(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("round", &["value", "precision", "method"], 1, args)?;
    let (number, precision) = (bound.number(0)?, bound.integer(1, 0)?);
    let method = bound.optional_text(2)?.unwrap_or_else(|| "common".to_owned());
    let precision = i32::try_from(precision.clamp(-400, 400)).unwrap_or_default();
    let scaled = |turn: fn(f64) -> f64| {
        let scale = 10_f64.powi(precision);
        Value::from(turn(number.float() * scale) / scale)
    };
    match (method.as_str(), number) {
        ("ceil", _) => Ok(scaled(f64::ceil)),
        ("floor", _) => Ok(scaled(f64::floor)),
        ("common", Number::Integer(number)) => Ok(Number::Integer(rounded(number, precision)).value()),
        ("common", Number::Float(number)) if precision >= 0 && number.is_finite() => {
            // Exact, and a half goes to what is even.
            let text = format!("{number:.*}", usize::try_from(precision).unwrap_or_default());
            Ok(Value::from(text.parse::<f64>().unwrap_or(number)))
        }
        ("common", Number::Float(number)) => {
            let scale = 10_f64.powi(-precision);
            Ok(Value::from((number / scale).round_ties_even() * scale))
        }
        _ => Err(misuse("numbers are rounded by `common`, `ceil` or `floor`")),
    }
}

/// Rounds before the point, a half to what is even.
fn rounded(number: i128, precision: i32) -> i128 {
    if precision >= 0 {
        return number;
    }
    let Some(unit) = 10_i128.checked_pow(precision.unsigned_abs()) else { return 0 };
    let (quotient, rest) = (number.div_euclid(unit), number.rem_euclid(unit));
    // Twice the rest may be more than there is room for.
    let is_up = match rest.cmp(&(unit - rest)) {
        Ordering::Less => false,
        Ordering::Equal => quotient % 2 != 0,
        Ordering::Greater => true,
    };
    (quotient + i128::from(is_up)).saturating_mul(unit)
}

fn file_size(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("filesizeformat", &["value", "binary"], 1, args)?;
    let value = bound.value(0);
    let bytes = match defined(&value)?.kind() {
        ValueKind::Number | ValueKind::Bool | ValueKind::String => convert::to_float(&value),
        _ => None,
    };
    let bytes = bytes.ok_or_else(|| misuse(format!("{} is no size", type_name(&value))))?;
    let is_binary = bound.flag(1, false)?;
    let base = if is_binary { 1024.0 } else { 1000.0 };
    if bytes == 1.0 {
        return Ok(Value::from("1 Byte"));
    }
    if bytes < base {
        return Ok(Value::from(format!("{} Bytes", bytes.trunc())));
    }
    let suffix = if is_binary { "iB" } else { "B" };
    let mut unit = base;
    for (index, letter) in ["k", "M", "G", "T", "P", "E", "Z", "Y"].into_iter().enumerate() {
        unit *= base;
        if bytes < unit || index == 7 {
            let letter = if is_binary { letter.to_uppercase() } else { letter.to_owned() };
            return Ok(Value::from(format!("{:.1} {letter}{suffix}", base * bytes / unit)));
        }
    }
    Ok(value)
}
