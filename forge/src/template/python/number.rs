//! Arithmetic as Python does it: on numbers, texts and sequences.

use minijinja::value::{Tuple, ValueKind};
use minijinja::{Error, Value};

use super::args::{defined, misuse, type_name};
use super::list::List;
use super::markup;
use super::printf;
use super::repr::MAX_TEXT;
use super::sequence::{self, MAX_ITEMS};

/// A number; true is one and false is nought.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Integer(i128),
    Float(f64),
}

/// The value as an integer, if it is one.
pub(super) fn integer(value: &Value) -> Option<i128> {
    match Number::of(value)? {
        Number::Integer(number) => Some(number),
        Number::Float(_) => None,
    }
}

impl Number {
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value.kind() {
            ValueKind::Bool => Some(Self::Integer(i128::from(value.is_true()))),
            ValueKind::Number if value.is_integer() => i128::try_from(value.clone()).ok().map(Self::Integer),
            ValueKind::Number => f64::try_from(value.clone()).ok().map(Self::Float),
            _ => None,
        }
    }

    pub(super) fn value(self) -> Value {
        match self {
            Self::Integer(number) => i64::try_from(number).map_or_else(|_| Value::from(number), Value::from),
            Self::Float(number) => Value::from(number),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "what Python does as well")]
    pub(super) fn float(self) -> f64 {
        match self {
            Self::Integer(number) => number as f64,
            Self::Float(number) => number,
        }
    }
}

fn too_large() -> Error {
    misuse("the number has more than 127 bits")
}

/// `a operator b`
pub(super) fn calculate(a: &Value, operator: &str, b: &Value) -> Result<Value, Error> {
    let a = defined(a)?;
    if let (Some(template), "%") = (a.as_str(), operator) {
        return printf::format(template, b).map(Value::from);
    }
    let b = defined(b)?;
    if let (Some(x), Some(y)) = (Number::of(a), Number::of(b)) {
        return Ok(arithmetic(x, operator, y)?.value());
    }
    match (operator, a.kind(), b.kind()) {
        ("+", ValueKind::String, ValueKind::String) => markup::joined(&[a.clone(), b.clone()]),
        ("+", ValueKind::Seq | ValueKind::Iterable, ValueKind::Seq | ValueKind::Iterable)
            if a.is_tuple() == b.is_tuple() && sequence::is_sequence(a) && sequence::is_sequence(b) =>
        {
            let items = [sequence::items(a)?, sequence::items(b)?].concat();
            Ok(if a.is_tuple() { Value::from(Tuple::from(items)) } else { List::value(items) })
        }
        ("*", _, _) => {
            repeated(a, b).or_else(|| repeated(b, a)).unwrap_or_else(|| Err(unsupported(a, operator, b)))
        }
        _ => Err(unsupported(a, operator, b)),
    }
}

fn unsupported(a: &Value, operator: &str, b: &Value) -> Error {
    misuse(format!("unsupported operands for {operator}: {} and {}", type_name(a), type_name(b)))
}

fn repeated(what: &Value, times: &Value) -> Option<Result<Value, Error>> {
    let times = usize::try_from(integer(times)?.max(0)).unwrap_or(usize::MAX);
    if let Some(text) = what.as_str() {
        let fits = text.len().checked_mul(times).is_some_and(|length| length <= MAX_TEXT);
        return Some(if fits {
            Ok(Value::from(text.repeat(times)))
        } else {
            Err(misuse("the text is too long"))
        });
    }
    if !sequence::is_sequence(what) {
        return None;
    }
    Some(sequence::items(what).and_then(|items| {
        if items.len().checked_mul(times).is_none_or(|length| length > MAX_ITEMS) {
            return Err(misuse("the list is too long"));
        }
        let repeated: Vec<Value> = std::iter::repeat_n(items, times).flatten().collect();
        Ok(if what.is_tuple() { Value::from(Tuple::from(repeated)) } else { List::value(repeated) })
    }))
}

fn arithmetic(a: Number, operator: &str, b: Number) -> Result<Number, Error> {
    match (a, b) {
        (Number::Integer(x), Number::Integer(y)) => integers(x, operator, y),
        _ => floats(a.float(), operator, b.float()),
    }
}

fn integers(a: i128, operator: &str, b: i128) -> Result<Number, Error> {
    if b == 0 && matches!(operator, "/" | "//" | "%") {
        return Err(misuse("division by zero"));
    }
    let result = match operator {
        "+" => a.checked_add(b),
        "-" => a.checked_sub(b),
        "*" => a.checked_mul(b),
        "/" => return floats(Number::Integer(a).float(), operator, Number::Integer(b).float()),
        "//" => floor_division(a, b).map(|(quotient, _)| quotient),
        "%" => floor_division(a, b).map(|(_, remainder)| remainder),
        _ if b < 0 => return floats(Number::Integer(a).float(), operator, Number::Integer(b).float()),
        _ => u32::try_from(b).ok().and_then(|exponent| a.checked_pow(exponent)).or(match a {
            0 | 1 => Some(a),
            -1 => Some(if b % 2 == 0 { 1 } else { -1 }),
            _ => None,
        }),
    };
    result.map(Number::Integer).ok_or_else(too_large)
}

fn floor_division(a: i128, b: i128) -> Option<(i128, i128)> {
    let (quotient, remainder) = (a.checked_div(b)?, a.checked_rem(b)?);
    if remainder != 0 && (remainder < 0) != (b < 0) {
        return Some((quotient - 1, remainder + b));
    }
    Some((quotient, remainder))
}

fn floats(a: f64, operator: &str, b: f64) -> Result<Number, Error> {
    let result = match operator {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "**" => power(a, b)?,
        _ if b == 0.0 => return Err(misuse("division by zero")),
        "/" => a / b,
        "//" => float_division(a, b).0,
        _ => float_division(a, b).1,
    };
    Ok(Number::Float(result))
}

fn power(a: f64, b: f64) -> Result<f64, Error> {
    if a == 0.0 && b < 0.0 {
        return Err(misuse("nought cannot be raised to a negative power"));
    }
    if a < 0.0 && a.is_finite() && b.is_finite() && b.fract() != 0.0 {
        return Err(misuse("the power of a negative number is complex"));
    }
    let result = a.powf(b);
    if result.is_infinite() && a.is_finite() && b.is_finite() {
        return Err(misuse("the power is too large"));
    }
    Ok(result)
}

fn float_division(a: f64, b: f64) -> (f64, f64) {
    let mut remainder = a % b;
    let mut quotient = (a - remainder) / b;
    if remainder == 0.0 {
        remainder = 0.0_f64.copysign(b);
    } else if (remainder < 0.0) != (b < 0.0) {
        remainder += b;
        quotient -= 1.0;
    }
    let floor = quotient.floor();
    let rounded = if quotient - floor > 0.5 { floor + 1.0 } else { floor };
    (if quotient == 0.0 { 0.0_f64.copysign(a / b) } else { rounded }, remainder)
}

/// `-value`
pub(super) fn negative(value: &Value) -> Result<Value, Error> {
    match Number::of(defined(value)?) {
        Some(Number::Integer(number)) => {
            number.checked_neg().map(|n| Number::Integer(n).value()).ok_or_else(too_large)
        }
        Some(Number::Float(number)) => Ok(Value::from(-number)),
        None => Err(misuse(format!("unsupported operand for -: {}", type_name(value)))),
    }
}

/// `+value`
pub(super) fn positive(value: &Value) -> Result<Value, Error> {
    let number = Number::of(defined(value)?);
    number
        .map(Number::value)
        .ok_or_else(|| misuse(format!("unsupported operand for +: {}", type_name(value))))
}
