//! Texts that are HTML already, and texts that are to become it.

use minijinja::{AutoEscape, Error, State, Value};

use super::args::{defined, misuse};
use super::repr;

/// As `markupsafe` escapes.
pub(super) fn escaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => result.push_str("&amp;"),
            '<' => result.push_str("&lt;"),
            '>' => result.push_str("&gt;"),
            '"' => result.push_str("&#34;"),
            '\'' => result.push_str("&#39;"),
            other => result.push(other),
        }
    }
    result
}

/// `str(value)`, which an undefined value has not.
pub(super) fn text_of(value: &Value) -> Result<String, Error> {
    repr::to_str(defined(value)?).map_err(|_| misuse("the value is too large to be printed"))
}

/// `repr(value)`
pub(super) fn repr_of(value: &Value) -> Result<String, Error> {
    repr::to_repr(value).map_err(|_| misuse("the value is too large to be printed"))
}

/// What is HTML stays, anything else is escaped.
pub(super) fn to_markup(value: &Value) -> Result<Value, Error> {
    let text = text_of(value)?;
    Ok(Value::from_safe_string(if value.is_safe() { text } else { escaped(&text) }))
}

/// The texts one after the other; an error as soon as they are too long.
pub(super) fn concat(texts: impl Iterator<Item = Result<String, Error>>) -> Result<String, Error> {
    let mut result = String::new();
    for text in texts {
        result.push_str(&text?);
        if result.len() > repr::MAX_TEXT {
            return Err(misuse("the text is too long"));
        }
    }
    Ok(result)
}

/// The texts one after the other; HTML, if one of them is.
pub(super) fn joined(texts: &[Value]) -> Result<Value, Error> {
    let is_markup = texts.iter().any(Value::is_safe);
    let result =
        concat(texts.iter().map(|text| text_of(&if is_markup { to_markup(text)? } else { text.clone() })))?;
    Ok(if is_markup { Value::from_safe_string(result) } else { Value::from(result) })
}

/// `a ~ b ~ …`
pub(super) fn concatenated(state: &mut State<'_, '_>, values: &[Value]) -> Result<Value, Error> {
    let mut texts = Vec::with_capacity(values.len());
    for value in values {
        // An `if` without an `else` is nothing, and no mistake; anything else that is undefined is one.
        let is_nothing = value.is_undefined() && state.format(value.clone()).is_ok();
        texts.push(if is_nothing { Value::from("") } else { value.clone() });
    }
    let joined = joined(&texts)?;
    if is_escaping(state) || !joined.is_safe() {
        return Ok(joined);
    }
    concat(texts.iter().map(text_of)).map(Value::from)
}

/// Whether what is printed is escaped.
pub(super) fn is_escaping(state: &State<'_, '_>) -> bool {
    !matches!(state.auto_escape(), AutoEscape::None)
}
