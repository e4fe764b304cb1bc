//! `"%s" % value`

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::args::{defined, misuse, type_name};
use super::float;
use super::markup::{repr_of, text_of};
use super::number::{Number, integer};
use super::repr::MAX_TEXT;
use super::sequence;

#[derive(Default)]
struct Field {
    is_left: bool,
    is_padded: bool,
    is_alternate: bool,
    sign: Option<char>,
    width: usize,
    precision: Option<usize>,
}

struct Source<'v> {
    values: Vec<Value>,
    given: &'v Value,
    next: usize,
    by_name: bool,
}

impl Source<'_> {
    fn next(&mut self) -> Result<Value, Error> {
        let value = self.values.get(self.next).cloned();
        self.next += 1;
        value.ok_or_else(|| misuse("not enough arguments for the format"))
    }

    fn number(&mut self) -> Result<i64, Error> {
        let number = integer(&self.next()?).and_then(|number| i64::try_from(number).ok());
        number.ok_or_else(|| misuse("`*` takes an integer"))
    }
}

/// The template with the values of a tuple, the entries of a dictionary, or one value.
pub(super) fn format(template: &str, given: &Value) -> Result<String, Error> {
    let values = if given.is_tuple() { sequence::items(given)? } else { vec![given.clone()] };
    let mut source = Source { values, given, next: 0, by_name: false };
    let mut result = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('%') {
        result.push_str(before);
        rest = field(after, &mut source, &mut result)?;
        if result.len() > MAX_TEXT {
            return Err(misuse("the text is too long"));
        }
    }
    result.push_str(rest);
    let is_mapping =
        matches!(given.kind(), ValueKind::Map) || (given.kind() == ValueKind::Seq && !given.is_tuple());
    if !source.by_name && source.next < source.values.len() && !is_mapping {
        return Err(misuse("not all arguments of the format were used"));
    }
    Ok(result)
}

fn field<'t>(template: &'t str, source: &mut Source<'_>, result: &mut String) -> Result<&'t str, Error> {
    let mut field = Field::default();
    let (mut rest, mut named) = (template, None);
    if let Some(after) = rest.strip_prefix('(') {
        let (name, after) = after.split_once(')').ok_or_else(|| misuse("`)` is missing in the format"))?;
        if source.given.kind() != ValueKind::Map {
            return Err(misuse("the format needs a dictionary"));
        }
        named = Some(source.given.get_item(&Value::from(name))?);
        (source.by_name, rest) = (true, after);
    }
    while let Some(flag) = rest.chars().next().filter(|c| "-+ #0".contains(*c)) {
        match flag {
            '-' => field.is_left = true,
            '#' => field.is_alternate = true,
            '0' => field.is_padded = true,
            ' ' => field.sign = field.sign.or(Some(' ')),
            _ => field.sign = Some('+'),
        }
        rest = &rest[1..];
    }
    (field.width, rest) = match rest.strip_prefix('*') {
        Some(after) => {
            let width = source.number()?;
            field.is_left |= width < 0;
            (usize::try_from(width.unsigned_abs()).unwrap_or(usize::MAX), after)
        }
        None => digits(rest),
    };
    if let Some(after) = rest.strip_prefix('.') {
        let (precision, after) = match after.strip_prefix('*') {
            Some(after) => (usize::try_from(source.number()?.max(0)).unwrap_or(usize::MAX), after),
            None => digits(after),
        };
        (field.precision, rest) = (Some(precision), after);
    }
    if field.width > MAX_TEXT || field.precision.is_some_and(|precision| precision > 10_000) {
        return Err(misuse("the text is too long"));
    }
    rest = rest.trim_start_matches(['h', 'l', 'L']);
    let kind = rest.chars().next().ok_or_else(|| misuse("the format is incomplete"))?;
    if kind == '%' {
        result.push('%');
    } else {
        let value = if let Some(named) = named { named } else { source.next()? };
        let value = if matches!(kind, 'r' | 'a') { &value } else { defined(&value)? };
        result.push_str(&field.apply(kind, value)?);
    }
    Ok(&rest[kind.len_utf8()..])
}

fn digits(text: &str) -> (usize, &str) {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    (if length == 0 { 0 } else { text[..length].parse().unwrap_or(usize::MAX) }, &text[length..])
}

impl Field {
    fn apply(&self, kind: char, value: &Value) -> Result<String, Error> {
        let number = || {
            Number::of(value)
                .ok_or_else(|| misuse(format!("%{kind} takes a number, not {}", type_name(value))))
        };
        match kind {
            's' => Ok(self.padded_text(&text_of(value)?)),
            'r' | 'a' => Ok(self.padded_text(&repr_of(value)?)),
            'c' => {
                let code = integer(value).and_then(|code| u32::try_from(code).ok()).and_then(char::from_u32);
                let text = code.map(String::from).or_else(|| value.as_str().map(str::to_owned));
                let text = text.filter(|text| text.chars().count() == 1);
                Ok(self.padded_text(&text.ok_or_else(|| misuse("%c takes a character"))?))
            }
            'd' | 'i' | 'u' => Ok(self.padded_integer(whole(number()?)?, 10, "", false)),
            'x' | 'X' | 'o' => {
                let value = integer(value).ok_or_else(|| misuse(format!("%{kind} takes an integer")))?;
                let (base, prefix) =
                    if kind == 'o' { (8, "0o") } else { (16, if kind == 'X' { "0X" } else { "0x" }) };
                Ok(self.padded_integer(value, base, prefix, kind == 'X'))
            }
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                let number = number()?.float();
                let text = float::notation(
                    number,
                    kind.to_ascii_lowercase(),
                    self.precision.unwrap_or(6),
                    self.is_alternate,
                );
                let text = if kind.is_uppercase() { text.to_uppercase() } else { text };
                Ok(self.padded(number.is_sign_negative() && !number.is_nan(), "", &text, number.is_finite()))
            }
            _ => Err(misuse(format!("%{kind} is no format"))),
        }
    }

    fn padded_text(&self, text: &str) -> String {
        let text: String = text.chars().take(self.precision.unwrap_or(usize::MAX)).collect();
        let fill = " ".repeat(self.width.saturating_sub(text.chars().count()));
        if self.is_left { text + &fill } else { fill + &text }
    }

    fn padded_integer(&self, value: i128, base: u32, prefix: &str, is_upper: bool) -> String {
        let digits = in_base(value.unsigned_abs(), base, is_upper);
        let missing = self.precision.unwrap_or_default().saturating_sub(digits.len());
        let digits = "0".repeat(missing) + &digits;
        self.padded(value < 0, if self.is_alternate { prefix } else { "" }, &digits, true)
    }

    fn padded(&self, is_negative: bool, prefix: &str, digits: &str, may_fill: bool) -> String {
        let sign = if is_negative { Some('-') } else { self.sign };
        let sign = sign.map(String::from).unwrap_or_default();
        let missing = self.width.saturating_sub(sign.len() + prefix.len() + digits.len());
        match (self.is_left, self.is_padded && may_fill) {
            (true, _) => format!("{sign}{prefix}{digits}{}", " ".repeat(missing)),
            (false, true) => format!("{sign}{prefix}{}{digits}", "0".repeat(missing)),
            (false, false) => format!("{}{sign}{prefix}{digits}", " ".repeat(missing)),
        }
    }
}

/// The number without its fraction.
#[expect(clippy::cast_possible_truncation, reason = "the fraction is to go, and the size is checked")]
pub(super) fn whole(number: Number) -> Result<i128, Error> {
    match number {
        Number::Integer(number) => Ok(number),
        Number::Float(number) if number.is_finite() && number.abs() < 1e38 => Ok(number.trunc() as i128),
        Number::Float(_) => Err(misuse("the number is no integer, or has more than 127 bits")),
    }
}

/// The digits of a number in base 2, 8, 10 or 16.
pub(super) fn in_base(number: u128, base: u32, is_upper: bool) -> String {
    match base {
        2 => format!("{number:b}"),
        8 => format!("{number:o}"),
        16 if is_upper => format!("{number:X}"),
        16 => format!("{number:x}"),
        _ => number.to_string(),
    }
}
