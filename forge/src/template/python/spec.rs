//! `"{:>5}".format(value)`

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::args::{defined, misuse, split, type_name, undefined};
use super::float;
use super::markup::{repr_of, text_of};
use super::number::Number;
use super::printf::in_base;
use super::repr::MAX_TEXT;

struct Arguments<'a> {
    positional: &'a [Value],
    named: Vec<(String, Value)>,
    next: usize,
}

/// The template with its fields replaced.
pub(super) fn format(template: &str, args: &[Value]) -> Result<String, Error> {
    let (positional, named) = split(args);
    filled(template, &mut Arguments { positional, named, next: 0 }, 2)
}

fn filled(template: &str, arguments: &mut Arguments<'_>, depth: usize) -> Result<String, Error> {
    if depth == 0 {
        return Err(misuse("the format is nested too deeply"));
    }
    let mut result = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        result.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            result.push_str(brace);
            rest = after;
            continue;
        }
        if brace == "}" {
            return Err(misuse("there is a single `}` in the format"));
        }
        let end = closing(rest).ok_or_else(|| misuse("`}` is missing in the format"))?;
        result.push_str(&field(&rest[..end], arguments, depth)?);
        rest = &rest[end + 1..];
        if result.len() > MAX_TEXT {
            return Err(misuse("the text is too long"));
        }
    }
    Ok(result + rest)
}

fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.char_indices().find_map(|(at, c)| match c {
        '{' => {
            depth += 1;
            None
        }
        '}' if depth == 0 => Some(at),
        '}' => {
            depth -= 1;
            None
        }
        _ => None,
    })
}

fn field(text: &str, arguments: &mut Arguments<'_>, depth: usize) -> Result<String, Error> {
    let (head, spec) = text.split_once(':').unwrap_or((text, ""));
    let (name, conversion) = head.split_once('!').map_or((head, None), |(name, kind)| (name, Some(kind)));
    let value = looked_up(name, arguments)?;
    let spec = if spec.contains(['{', '}']) { filled(spec, arguments, depth - 1)? } else { spec.to_owned() };
    match conversion {
        Some("r" | "a") => formatted(&Value::from(repr_of(&value)?), &spec),
        Some("s") => formatted(&Value::from(text_of(&value)?), &spec),
        Some(other) => Err(misuse(format!("`!{other}` is no conversion"))),
        None => formatted(defined(&value)?, &spec),
    }
}

fn looked_up(name: &str, arguments: &mut Arguments<'_>) -> Result<Value, Error> {
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (first, mut path) = name.split_at(end);
    let missing = || misuse(format!("the format names `{first}`, which was not given"));
    let mut value = if first.is_empty() || first.bytes().all(|byte| byte.is_ascii_digit()) {
        let index = if first.is_empty() { arguments.next } else { first.parse().unwrap_or(usize::MAX) };
        arguments.next += usize::from(first.is_empty());
        arguments.positional.get(index).cloned().ok_or_else(missing)?
    } else {
        let found = arguments.named.iter().find(|(known, _)| known == first);
        found.map(|(_, value)| value.clone()).ok_or_else(missing)?
    };
    while !path.is_empty() {
        let (key, rest) = if let Some(rest) = path.strip_prefix('[') {
            let (key, rest) = rest.split_once(']').ok_or_else(|| misuse("`]` is missing in the format"))?;
            (key.parse::<i64>().map_or_else(|_| Value::from(key), Value::from), rest)
        } else {
            let rest = &path[1..];
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if Number::of(&value).is_some() && &rest[..end] == "real" {
                (Value::UNDEFINED, &rest[end..])
            } else {
                (Value::from(&rest[..end]), &rest[end..])
            }
        };
        if !key.is_undefined() {
            value = value.get_item(&key)?;
            if value.is_undefined() {
                return Err(undefined(&value));
            }
        }
        path = rest;
    }
    Ok(value)
}

#[derive(Debug, Default)]
struct Spec {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    is_alternate: bool,
    is_padded: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

impl Spec {
    fn parse(text: &str) -> Result<Self, Error> {
        let mut spec = Self::default();
        let mut chars: Vec<char> = text.chars().rev().collect();
        let is_align = |c: &char| "<>=^".contains(*c);
        let count = chars.len();
        if count > 1 && is_align(&chars[count - 2]) {
            spec.fill = chars.pop();
            spec.align = chars.pop();
        } else {
            spec.align = chars.pop_if(|c| is_align(c));
        }
        spec.sign = chars.pop_if(|c| "+- ".contains(*c));
        chars.pop_if(|c| *c == 'z');
        spec.is_alternate = chars.pop_if(|c| *c == '#').is_some();
        spec.is_padded = chars.pop_if(|c| *c == '0').is_some();
        spec.width = number(&mut chars).unwrap_or(0);
        spec.grouping = chars.pop_if(|c| matches!(c, ',' | '_'));
        if chars.pop_if(|c| *c == '.').is_some() {
            spec.precision = Some(number(&mut chars).ok_or_else(|| misuse("the format needs a precision"))?);
        }
        spec.kind = chars.pop();
        if !chars.is_empty()
            || spec.width > MAX_TEXT
            || spec.precision.is_some_and(|precision| precision > 10_000)
        {
            return Err(misuse(format!("`{text}` is no format")));
        }
        Ok(spec)
    }

    /// Fills up to the width; `lead` is what stays in front of a fill by `=`.
    fn padded(&self, lead: &str, text: &str, default: char) -> String {
        let missing = self.width.saturating_sub(lead.chars().count() + text.chars().count());
        let fill = |count: usize| -> String {
            let fill = self.fill.unwrap_or(if self.is_padded { '0' } else { ' ' });
            std::iter::repeat_n(fill, count).collect()
        };
        match self.align.unwrap_or(if self.is_padded && default == '>' { '=' } else { default }) {
            '<' => format!("{lead}{text}{}", fill(missing)),
            '^' => format!("{}{lead}{text}{}", fill(missing / 2), fill(missing - missing / 2)),
            '=' => format!("{lead}{}{text}", fill(missing)),
            _ => format!("{}{lead}{text}", fill(missing)),
        }
    }

    fn number(&self, is_negative: bool, prefix: &str, digits: &str, group: usize) -> String {
        let sign = if is_negative {
            "-".to_owned()
        } else {
            self.sign.filter(|c| *c != '-').map(String::from).unwrap_or_default()
        };
        let lead = sign + prefix;
        let Some(separator) = self.grouping else { return self.padded(&lead, digits, '>') };
        let end = digits.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(digits.len());
        let (whole, rest) = digits.split_at(end);
        let is_filled = self.is_padded && self.align.is_none();
        let room = self.width.saturating_sub(lead.len() + rest.len());
        // Noughts that fill up are grouped as well: the least number of digits that fills the room.
        let least = room.checked_sub(1).map_or(0, |last| last / (group + 1) * group + last % (group + 1) + 1);
        let noughts = if is_filled { least.saturating_sub(whole.len()) } else { 0 };
        let grouped = grouped(&("0".repeat(noughts) + whole), separator, group);
        self.padded(&lead, &(grouped + rest), '>')
    }
}

fn number(chars: &mut Vec<char>) -> Option<usize> {
    let mut digits = String::new();
    while let Some(digit) = chars.pop_if(|c| c.is_ascii_digit()) {
        digits.push(digit);
    }
    if digits.is_empty() { None } else { Some(digits.parse().unwrap_or(usize::MAX)) }
}

fn grouped(digits: &str, separator: char, size: usize) -> String {
    let mut result = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(size) {
            result.push(separator);
        }
        result.push(digit);
    }
    result
}

/// `format(value, spec)`
pub(super) fn formatted(value: &Value, text: &str) -> Result<String, Error> {
    if text.is_empty() {
        return text_of(value);
    }
    let spec = Spec::parse(text)?;
    let wrong = || misuse(format!("`{text}` is no format for {}", type_name(value)));
    match (value.kind(), Number::of(value)) {
        (ValueKind::String, _) => {
            if !matches!(spec.kind, None | Some('s'))
                || spec.sign.is_some()
                || spec.grouping.is_some()
                || spec.align == Some('=')
            {
                return Err(wrong());
            }
            let text: String = text_of(value)?.chars().take(spec.precision.unwrap_or(usize::MAX)).collect();
            Ok(spec.padded("", &text, '<'))
        }
        (_, Some(Number::Integer(number))) => match spec.kind {
            None | Some('d' | 'n') if spec.precision.is_none() => {
                Ok(spec.number(number < 0, "", &number.unsigned_abs().to_string(), 3))
            }
            Some(kind @ ('b' | 'o' | 'x' | 'X')) if spec.precision.is_none() => {
                let (base, prefix) = match kind {
                    'b' => (2, "0b"),
                    'o' => (8, "0o"),
                    'x' => (16, "0x"),
                    _ => (16, "0X"),
                };
                let prefix = if spec.is_alternate { prefix } else { "" };
                Ok(spec.number(number < 0, prefix, &in_base(number.unsigned_abs(), base, kind == 'X'), 4))
            }
            Some('c') => {
                let c = u32::try_from(number).ok().and_then(char::from_u32).ok_or_else(wrong)?;
                Ok(spec.padded("", &c.to_string(), '<'))
            }
            Some(_) => float_text(&spec, Number::Integer(number).float()).ok_or_else(wrong),
            None => Err(wrong()),
        },
        (_, Some(Number::Float(number))) => float_text(&spec, number).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

fn float_text(spec: &Spec, number: f64) -> Option<String> {
    let digits = match spec.kind {
        None if spec.precision.is_none() => float::repr(number.abs()),
        None => {
            let text = float::notation(number, 'g', spec.precision.unwrap_or(6), false);
            if text.contains(['.', 'e', 'n']) { text } else { text + ".0" }
        }
        Some('%') => {
            float::notation(number * 100.0, 'f', spec.precision.unwrap_or(6), spec.is_alternate) + "%"
        }
        Some('n') => float::notation(number, 'g', spec.precision.unwrap_or(6), spec.is_alternate),
        Some(kind @ ('e' | 'E' | 'f' | 'F' | 'g' | 'G')) => {
            let text = float::notation(
                number,
                kind.to_ascii_lowercase(),
                spec.precision.unwrap_or(6),
                spec.is_alternate,
            );
            if kind.is_uppercase() { text.to_uppercase() } else { text }
        }
        Some(_) => return None,
    };
    // Only the part before the point is grouped; a mantissa has one digit there anyway.
    Some(spec.number(number.is_sign_negative() && !number.is_nan(), "", &digits, 3))
}
