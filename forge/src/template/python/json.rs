//! `json.dumps(value, sort_keys=True)`

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::args::{defined, misuse, type_name};
use super::compare::Steps;
use super::float;
use super::markup::text_of;
use super::number::Number;
use super::repr::MAX_TEXT;
use super::sequence;
use super::sorting::sort_by;

/// How deep a value may be nested.
const MAX_DEPTH: usize = 100;

struct Writer {
    out: String,
    indent: Option<String>,
}

/// The value as JSON, in ASCII, its keys in order; with an indent, over several lines.
pub(super) fn dumps(value: &Value, indent: Option<String>) -> Result<String, Error> {
    let mut writer = Writer { out: String::new(), indent };
    writer.value(value, 0)?;
    Ok(writer.out)
}

/// An indent as Python takes it: nothing, so many blanks, or a text.
pub(super) fn indent(value: &Value) -> Result<Option<String>, Error> {
    match (defined(value)?.as_str(), super::number::integer(value)) {
        (Some(text), _) => Ok(Some(text.to_owned())),
        (_, Some(count)) => Ok(Some(" ".repeat(usize::try_from(count.clamp(0, 1000)).unwrap_or_default()))),
        _ if value.is_none() => Ok(None),
        _ => Err(misuse("the indent must be a number or a text")),
    }
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        if depth > MAX_DEPTH || self.out.len() > MAX_TEXT {
            return Err(misuse("the value is too large for JSON"));
        }
        match value.kind() {
            ValueKind::None => self.out.push_str("null"),
            ValueKind::Bool => self.out.push_str(if value.is_true() { "true" } else { "false" }),
            ValueKind::Number => self.out.push_str(&number(value)?),
            ValueKind::String => self.out.push_str(&quoted(value.as_str().unwrap_or_default())),
            ValueKind::Map => self.object(value, depth)?,
            ValueKind::Seq if sequence::is_sequence(value) => {
                let items = sequence::items(value)?;
                self.lines("[", "]", items.len(), depth, |writer, index| {
                    writer.value(items.get(index).unwrap_or(&Value::UNDEFINED), depth + 1)
                })?;
            }
            _ => return Err(misuse(format!("{} cannot be written as JSON", type_name(value)))),
        }
        Ok(())
    }

    fn object(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        let mut entries = Vec::new();
        for key in sequence::items(value)? {
            let item = value.get_item(&key)?;
            entries.push((key, item));
        }
        let mut steps = Steps::of_many();
        sort_by(&mut entries, false, |a, b| steps.order(&a.0, &b.0))?;
        self.lines("{", "}", entries.len(), depth, |writer, index| {
            let Some((key, item)) = entries.get(index) else { return Ok(()) };
            let text = match key.kind() {
                ValueKind::None => "null".to_owned(),
                ValueKind::Bool => if key.is_true() { "true" } else { "false" }.to_owned(),
                ValueKind::Number => number(key)?,
                ValueKind::String => text_of(key)?,
                _ => return Err(misuse(format!("{} cannot be a key in JSON", type_name(key)))),
            };
            writer.out.push_str(&quoted(&text));
            writer.out.push_str(": ");
            writer.value(item, depth + 1)
        })
    }

    fn lines(
        &mut self,
        open: &str,
        close: &str,
        count: usize,
        depth: usize,
        item: impl Fn(&mut Self, usize) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.out.push_str(open);
        for index in 0..count {
            match (index, &self.indent) {
                (0, None) => {}
                (_, None) => self.out.push_str(", "),
                (_, Some(_)) => self.out.push_str(if index > 0 { "," } else { "" }),
            }
            self.break_line(depth + 1);
            item(self, index)?;
        }
        if count > 0 {
            self.break_line(depth);
        }
        self.out.push_str(close);
        Ok(())
    }

    fn break_line(&mut self, depth: usize) {
        if let Some(indent) = &self.indent {
            self.out.push('\n');
            self.out.push_str(&indent.repeat(depth));
        }
    }
}

fn number(value: &Value) -> Result<String, Error> {
    Ok(match Number::of(value) {
        Some(Number::Float(number)) if number.is_nan() => "NaN".to_owned(),
        Some(Number::Float(number)) if number.is_infinite() => {
            if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
        }
        Some(Number::Float(number)) => float::repr(number),
        _ => text_of(value)?,
    })
}

fn quoted(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 2);
    result.push('"');
    for c in text.chars() {
        match c {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            '\r' => result.push_str("\\r"),
            '\t' => result.push_str("\\t"),
            '\u{8}' => result.push_str("\\b"),
            '\u{c}' => result.push_str("\\f"),
            ' '..='~' => result.push(c),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    result.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    result.push('"');
    result
}
