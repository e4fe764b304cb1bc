//! Filters that keep what passes a test.

use minijinja::{Environment, Error, State, Value};

use super::add_filter;
use crate::template::python::args::{defined, misuse};
use crate::template::python::attribute::Path;
use crate::template::python::list::List;
use crate::template::python::sequence::items;

pub(super) fn add(environment: &mut Environment<'_>) {
    for (name, by_attribute, wanted) in [
        ("select", false, true),
        ("reject", false, false),
        ("selectattr", true, true),
        ("rejectattr", true, false),
    ] {
        add_filter(environment, name, move |state, args| chosen(state, args, by_attribute, wanted));
    }
}

fn chosen(
    state: &mut State<'_, '_>,
    args: &[Value],
    by_attribute: bool,
    wanted: bool,
) -> Result<Value, Error> {
    let (value, mut args) = args.split_first().ok_or_else(|| misuse("there is nothing to choose from"))?;
    let mut path = None;
    if by_attribute {
        let (attribute, rest) =
            args.split_first().ok_or_else(|| misuse("the name of an attribute is missing"))?;
        path = Some(Path::new(attribute)?);
        args = rest;
    }
    let mut kept = Vec::new();
    // Of what is empty, or nothing at all, nothing is chosen.
    let candidates = if defined(value)?.is_true() { items(value)? } else { Vec::new() };
    for item in candidates {
        let subject = path.as_ref().map_or_else(|| Ok(item.clone()), |path| path.of(&item))?;
        let passes = match args.split_first() {
            Some((test, rest)) => {
                let name = test.as_str().ok_or_else(|| misuse("a test has a name"))?.to_owned();
                state.perform_test(&name, &[&[subject], rest].concat())?
            }
            None => defined(&subject)?.is_true(),
        };
        if passes == wanted {
            kept.push(item);
        }
    }
    Ok(List::value(kept))
}
