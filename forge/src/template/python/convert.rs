//! Texts read as numbers, as `int()` and `float()` read them.

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::args::misuse;
use super::number::Number;
use super::token::is_space;

/// The digits, without the underscores that may part them.
fn without_underscores(text: &str) -> Option<String> {
    let is_wrong = text.starts_with('_') || text.ends_with('_') || text.contains("__");
    (!is_wrong).then(|| text.replace('_', ""))
}

fn parse_integer(text: &str, base: i64) -> Option<i128> {
    let text = text.trim_matches(is_space);
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let prefixed = |letter: char| {
        let rest = digits.strip_prefix('0')?;
        rest.strip_prefix(letter).or_else(|| rest.strip_prefix(letter.to_ascii_uppercase()))
    };
    let found = [('b', 2), ('o', 8), ('x', 16)].into_iter().find_map(|(letter, radix)| {
        prefixed(letter)
            .filter(|_| base == radix || base == 0)
            .map(|rest| (rest.strip_prefix('_').unwrap_or(rest), radix))
    });
    let (digits, radix) = found.unwrap_or((digits, if base == 0 { 10 } else { base }));
    let digits = without_underscores(digits).filter(|digits| !digits.starts_with(['+', '-']))?;
    let number = i128::from_str_radix(&digits, u32::try_from(radix).ok()?).ok()?;
    Some(if is_negative { -number } else { number })
}

fn parse_float(text: &str) -> Option<f64> {
    let text = without_underscores(text.trim_matches(is_space))?;
    let bare = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
    let is_word = bare.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_word && !matches!(bare.as_str(), "inf" | "infinity" | "nan") {
        return None;
    }
    text.parse().ok()
}

#[expect(clippy::cast_possible_truncation, reason = "the fraction is to go, and the size is checked")]
fn truncated(number: f64) -> Result<Option<i128>, Error> {
    if number.is_finite() && number.abs() >= 1.7e38 {
        return Err(misuse("the number has more than 127 bits"));
    }
    Ok(number.is_finite().then_some(number.trunc() as i128))
}

/// The value as an integer, if it can be read as one.
pub(super) fn to_integer(value: &Value, base: i64) -> Result<Option<i128>, Error> {
    match (value.as_str(), Number::of(value)) {
        (Some(text), _) => {
            if !(base == 0 || (2..=36).contains(&base)) {
                return Ok(None);
            }
            match parse_integer(text, base) {
                Some(number) => Ok(Some(number)),
                None => parse_float(text).map_or(Ok(None), truncated),
            }
        }
        (_, Some(Number::Integer(number))) => Ok(Some(number)),
        (_, Some(Number::Float(number))) => truncated(number),
        _ => Ok(None),
    }
}

/// The value as a float, if it can be read as one.
pub(super) fn to_float(value: &Value) -> Option<f64> {
    match value.kind() {
        ValueKind::String => parse_float(value.as_str()?),
        _ => Number::of(value).map(Number::float),
    }
}
