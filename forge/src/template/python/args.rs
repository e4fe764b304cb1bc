//! Arguments by position and by name, as Python binds them.

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Value};

use super::number::{Number, integer};

/// Arguments in the order of their names.
pub(super) struct Bound<'a> {
    function: &'a str,
    names: &'a [&'a str],
    values: Vec<Option<Value>>,
}

/// A mistake in the use of something, told as Python would tell it.
pub(super) fn misuse(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

/// What using an undefined value as if it were one says; it names the value if it can.
pub(super) fn undefined(value: &Value) -> Error {
    value.get_attr("").err().unwrap_or_else(|| Error::from(ErrorKind::UndefinedError))
}

/// The value, unless it is undefined.
pub(super) fn defined(value: &Value) -> Result<&Value, Error> {
    if value.is_undefined() { Err(undefined(value)) } else { Ok(value) }
}

/// Binds what was given; the first `required` names must be among it.
pub(super) fn bind<'a>(
    function: &'a str,
    names: &'a [&'a str],
    required: usize,
    given: &[Value],
) -> Result<Bound<'a>, Error> {
    let (positional, keywords) = split(given);
    if positional.len() > names.len() {
        let message =
            format!("{function} takes at most {} arguments, {} given", names.len(), positional.len());
        return Err(Error::new(ErrorKind::TooManyArguments, message));
    }
    let mut values: Vec<Option<Value>> = vec![None; names.len()];
    for (place, value) in values.iter_mut().zip(positional) {
        *place = Some(value.clone());
    }
    for (name, value) in keywords {
        let place = names.iter().position(|known| *known == name).and_then(|index| values.get_mut(index));
        match place {
            Some(place @ None) => *place = Some(value),
            Some(_) => {
                return Err(Error::new(
                    ErrorKind::TooManyArguments,
                    format!("{function} got `{name}` twice"),
                ));
            }
            None => {
                let message = format!("{function} has no argument `{name}`");
                return Err(Error::new(ErrorKind::TooManyArguments, message));
            }
        }
    }
    if let Some(index) = values.iter().take(required).position(Option::is_none) {
        let name = names.get(index).copied().unwrap_or_default();
        return Err(Error::new(ErrorKind::MissingArgument, format!("{function} needs `{name}`")));
    }
    Ok(Bound { function, names, values })
}

/// What was given by position, and what by name.
pub(super) fn split(given: &[Value]) -> (&[Value], Vec<(String, Value)>) {
    let Some((last, positional)) = given.split_last().filter(|(last, _)| last.is_kwargs()) else {
        return (given, Vec::new());
    };
    let names = last.try_iter().into_iter().flatten();
    let pairs = names.map(|name| (name.to_string(), last.get_item(&name).unwrap_or_default()));
    (positional, pairs.collect())
}

impl Bound<'_> {
    /// What was given, even if it is undefined.
    pub(super) fn get(&self, index: usize) -> Option<&Value> {
        self.values.get(index).and_then(Option::as_ref)
    }

    /// What was given or `none`.
    pub(super) fn value(&self, index: usize) -> Value {
        self.get(index).cloned().unwrap_or_else(|| Value::from(()))
    }

    fn wrong(&self, index: usize, expected: &str) -> Error {
        let name = self.names.get(index).copied().unwrap_or_default();
        misuse(format!("{}: `{name}` must be {expected}", self.function))
    }

    /// A text that must be given.
    pub(super) fn text(&self, index: usize) -> Result<String, Error> {
        let value = self.value(index);
        defined(&value)?.as_str().map(str::to_owned).ok_or_else(|| self.wrong(index, "a text"))
    }

    /// A text, or nothing if it is `none` or not given.
    pub(super) fn optional_text(&self, index: usize) -> Result<Option<String>, Error> {
        if self.value(index).is_none() { Ok(None) } else { self.text(index).map(Some) }
    }

    /// An integer, or nothing if it is `none` or not given.
    pub(super) fn optional_integer(&self, index: usize) -> Result<Option<i64>, Error> {
        let value = self.value(index);
        if defined(&value)?.is_none() {
            return Ok(None);
        }
        let number = integer(&value).and_then(|number| i64::try_from(number).ok());
        number.map(Some).ok_or_else(|| self.wrong(index, "an integer"))
    }

    /// An integer, or what stands in for it.
    pub(super) fn integer(&self, index: usize, default: i64) -> Result<i64, Error> {
        Ok(self.optional_integer(index)?.unwrap_or(default))
    }

    /// How many; nothing less than nought.
    pub(super) fn count(&self, index: usize, default: i64) -> Result<usize, Error> {
        Ok(usize::try_from(self.integer(index, default)?.max(0)).unwrap_or(usize::MAX))
    }

    /// Whether it holds, or what stands in for it.
    pub(super) fn flag(&self, index: usize, default: bool) -> Result<bool, Error> {
        self.get(index).map_or(Ok(default), |value| defined(value).map(Value::is_true))
    }

    /// A number.
    pub(super) fn number(&self, index: usize) -> Result<Number, Error> {
        let value = self.value(index);
        Number::of(defined(&value)?).ok_or_else(|| self.wrong(index, "a number"))
    }
}

/// The name of a value's type in Python.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::None => "NoneType",
        ValueKind::Bool => "bool",
        ValueKind::Number if value.is_integer() => "int",
        ValueKind::Number => "float",
        ValueKind::String => "str",
        ValueKind::Seq if value.is_tuple() => "tuple",
        ValueKind::Seq => "list",
        ValueKind::Map => "dict",
        ValueKind::Undefined => "Undefined",
        _ => "object",
    }
}
