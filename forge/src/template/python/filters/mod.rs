//! Jinja2's filters with Python's arguments and results. Those that are not here are the engine's own, which do
//! the same.

mod lists;
mod numbers;
mod select;
mod texts;
mod web;
mod wrap;

use minijinja::value::{Rest, ValueOrKwargs};
use minijinja::{Environment, Error, State, Value};

use super::style::NewLine;

type Given = Rest<ValueOrKwargs>;

/// A filter by what it does with the value it is applied to and its other arguments.
pub(super) fn add_filter(
    environment: &mut Environment<'_>,
    name: &'static str,
    filter: impl Fn(&mut State<'_, '_>, &[Value]) -> Result<Value, Error> + Send + Sync + 'static,
) {
    environment
        .add_filter(name, move |state: &mut State<'_, '_>, given: Given| filter(state, &given.into_values()));
}

pub(super) fn add(environment: &mut Environment<'_>, new_line: NewLine) {
    lists::add(environment);
    numbers::add(environment);
    select::add(environment);
    texts::add(environment);
    web::add(environment);
    wrap::add(environment, new_line);
}
