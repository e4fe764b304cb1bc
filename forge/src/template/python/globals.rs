//! Functions: what operators are rewritten to, and those every template has.

use minijinja::value::{Kwargs, Object, ObjectRepr, Rest, Tuple, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, Value};

use std::fmt;
use std::sync::Arc;

use super::args::{bind, defined, misuse, split};
use super::bounds::{check_hashable, check_nesting};
use super::dict::Dict;
use super::list::List;
use super::macros::UNSET;
use super::methods::pairs_of;
use super::sequence::{self, Range};
use super::{compare, markup, number};

type Given = Rest<ValueOrKwargs>;

/// A function by what it does with all its arguments.
pub(super) fn add_function(
    environment: &mut Environment<'_>,
    name: &'static str,
    function: impl Fn(&mut State<'_, '_>, &[Value]) -> Result<Value, Error> + Send + Sync + 'static,
) {
    environment.add_function(name, move |state: &mut State<'_, '_>, given: Given| {
        function(state, &given.into_values())
    });
}

/// Stands for an argument that was not given.
#[derive(Debug)]
struct Unset;

impl Object for Unset {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(UNSET)
    }
}

/// A macro that takes more arguments than it names.
#[derive(Debug)]
struct Variadic {
    inner: Value,
    names: Vec<Value>,
}

impl Object for Variadic {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "arguments" => Some(Value::from(Tuple::from(self.names.clone()))),
            "catch_varargs" | "catch_kwargs" => Some(Value::from(true)),
            name => self.inner.get_attr(name).ok().filter(|value| !value.is_undefined()),
        }
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let (positional, named) = split(args);
        let count = positional.len().min(self.names.len());
        let (first, more) = positional.split_at(count);
        let is_own = |name: &str| name == "caller" || self.names.iter().any(|own| own.as_str() == Some(name));
        let (own, others): (Vec<_>, Vec<_>) = named.into_iter().partition(|(name, _)| is_own(name));
        let others = others.into_iter().map(|(name, value)| (Value::from(name), value));
        let given = [
            ("varargs".to_owned(), Value::from(Tuple::from(more))),
            ("kwargs".to_owned(), Dict::value(others)),
        ];
        let named: Kwargs = own.into_iter().chain(given).collect();
        self.inner.call(state, &[first, &[Value::from(named)]].concat())
    }
}

/// `loop.cycle`, in one turn of a loop.
#[derive(Debug)]
struct Cycle {
    index: usize,
}

impl Object for Cycle {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let place = self.index.checked_rem(args.len()).and_then(|index| args.get(index));
        place.cloned().ok_or_else(|| misuse("there is nothing to choose from"))
    }
}

pub(super) fn add(environment: &mut Environment<'_>) {
    environment.remove_global("debug");
    environment.add_global(UNSET, Value::from_object(Unset));
    environment.add_test(UNSET, |value: &Value| value.downcast_object_ref::<Unset>().is_some());
    operators(environment);
    add_function(environment, "range", |_, args| range(args));
    add_function(environment, "dict", |_, args| pairs_of("dict", args).map(Dict::value));
}

fn operators(environment: &mut Environment<'_>) {
    add_function(environment, "py__math", |_, args| {
        let mut parts = args.iter();
        let mut value = parts.next().cloned().unwrap_or_default();
        while let (Some(operator), Some(operand)) = (parts.next(), parts.next()) {
            value = number::calculate(&value, operator.as_str().unwrap_or_default(), operand)?;
        }
        Ok(value)
    });
    add_function(environment, "py__compare", |_, args| compare::chain(args));
    add_function(environment, "py__concat", markup::concatenated);
    add_function(environment, "py__minus", |_, args| {
        args.first().map_or(Ok(Value::UNDEFINED), number::negative)
    });
    add_function(environment, "py__plus", |_, args| {
        args.first().map_or(Ok(Value::UNDEFINED), number::positive)
    });
    add_function(environment, "py__do", |_, _| Ok(Value::from(())));
    add_function(environment, "py__list", |_, args| {
        let items = first_items(args)?;
        items.iter().try_for_each(check_nesting)?;
        Ok(List::value(items))
    });
    add_function(environment, "py__tuple", |_, args| {
        let tuple = Value::from(Tuple::from(first_items(args)?));
        check_nesting(&tuple)?;
        Ok(tuple)
    });
    add_function(environment, "py__dict", |_, args| {
        let pairs = first_items(args)?.into_iter().map(|pair| match sequence::items(&pair)?.as_slice() {
            [key, value] => {
                check_hashable(key)?;
                check_nesting(value)?;
                Ok((key.clone(), value.clone()))
            }
            _ => Err(misuse("a dictionary is made of pairs")),
        });
        pairs.collect::<Result<Vec<_>, Error>>().map(Dict::value)
    });
    add_function(environment, "py__slice", |_, args| match args {
        [value, start, stop, step] => sequence::slice(value, [start, stop, step]),
        _ => Err(Error::from(ErrorKind::MissingArgument)),
    });
    add_function(environment, "py__variadic", |_, args| match args {
        [inner, names] => {
            Ok(Value::from_object(Variadic { inner: inner.clone(), names: sequence::items(names)? }))
        }
        _ => Err(Error::from(ErrorKind::MissingArgument)),
    });
    add_function(environment, "py__cycle", |_, args| {
        let index =
            args.first().and_then(Value::as_usize).ok_or_else(|| misuse("only loops have a cycle"))?;
        Ok(Value::from_object(Cycle { index }))
    });
    add_function(environment, "py__iterate", |_, args| iterable(args.first().unwrap_or(&Value::UNDEFINED)));
}

fn first_items(args: &[Value]) -> Result<Vec<Value>, Error> {
    args.first().map_or(Ok(Vec::new()), sequence::items)
}

/// What a loop goes over. Lists are gone over as they change.
fn iterable(value: &Value) -> Result<Value, Error> {
    if value.as_str().is_some() {
        // Else a loop would not know how many characters there are.
        return sequence::items(value).map(List::value);
    }
    let is_iterable = value.as_object().is_some() && value.try_iter().is_ok();
    if is_iterable { Ok(value.clone()) } else { sequence::items(defined(value)?).map(List::value) }
}

fn range(args: &[Value]) -> Result<Value, Error> {
    let names: &[&str] = if args.len() == 1 { &["stop"] } else { &["start", "stop", "step"] };
    if args.iter().any(Value::is_kwargs) {
        return Err(misuse("range takes no arguments by name"));
    }
    let bound = bind("range", names, names.len().min(2), args)?;
    let given = |index: usize, default: i64| bound.integer(index, default);
    let range = match args.len() {
        1 => Range { start: 0, stop: given(0, 0)?, step: 1 },
        _ => Range { start: given(0, 0)?, stop: given(1, 0)?, step: given(2, 1)? },
    };
    if range.step == 0 {
        return Err(misuse("the step of a range cannot be 0"));
    }
    Ok(Value::from_object(range))
}

/// The few methods of numbers.
pub(super) fn number_method(value: &Value, name: &str, args: &[Value]) -> Result<Value, Error> {
    match (name, number::Number::of(value)) {
        ("bit_length", Some(number::Number::Integer(number))) => {
            bind(name, &[], 0, args)?;
            Ok(Value::from(128 - number.unsigned_abs().leading_zeros()))
        }
        ("is_integer", Some(number::Number::Float(number))) => {
            bind(name, &[], 0, args)?;
            Ok(Value::from(number.is_finite() && number.fract() == 0.0))
        }
        ("as_integer_ratio", Some(number::Number::Integer(_))) => {
            bind(name, &[], 0, args)?;
            Ok(Value::from(Tuple::from([value.clone(), Value::from(1)])))
        }
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}
