//! Methods of lists, tuples and dictionaries.

use std::sync::Arc;

use minijinja::value::Tuple;
use minijinja::{Error, ErrorKind, Value};

use super::args::{Bound, bind, misuse, split};
use super::bounds::{check_hashable, check_nesting};
use super::compare::Steps;
use super::dict::{Dict, Side, View};
use super::list::List;
use super::sequence::{self, MAX_ITEMS};
use super::sorting;

fn unknown() -> Error {
    Error::from(ErrorKind::UnknownMethod)
}

fn none() -> Value {
    Value::from(())
}

/// A container cannot be put into itself, however deep: what could print it?
fn check_no_cycle(container: &Value, item: &Value, left: &mut usize) -> Result<(), Error> {
    *left = left.checked_sub(1).ok_or_else(|| misuse("the value is too large to be put into a container"))?;
    let is_same_list = same::<List>(container, item);
    if is_same_list || same::<Dict>(container, item) {
        return Err(misuse("a container cannot hold itself"));
    }
    let children = if let Some(list) = item.downcast_object_ref::<List>() {
        list.items()
    } else if let Some(dict) = item.downcast_object_ref::<Dict>() {
        dict.pairs().into_iter().map(|(_, value)| value).collect()
    } else if item.is_tuple() {
        sequence::items(item)?
    } else {
        return Ok(());
    };
    children
        .iter()
        .filter(|child| child.as_object().is_some())
        .try_for_each(|child| check_no_cycle(container, child, left))
}

fn same<T: 'static>(a: &Value, b: &Value) -> bool {
    matches!((a.downcast_object_ref::<T>(), b.downcast_object_ref::<T>()), (Some(a), Some(b)) if std::ptr::eq(a, b))
}

fn check(container: &Value, item: &Value) -> Result<(), Error> {
    check_nesting(item)?;
    check_no_cycle(container, item, &mut 100_000)
}

/// Where an index points to in so many items.
fn place(index: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let index = if index < 0 { index + length } else { index };
    usize::try_from(index).ok().filter(|_| index < length)
}

pub(super) fn of_list(list: &Arc<List>, name: &str, args: &[Value]) -> Result<Value, Error> {
    let itself = Value::from_dyn_object(Arc::clone(list));
    match name {
        "append" => {
            let item = bind("append", &["object"], 1, args)?.value(0);
            check(&itself, &item)?;
            grow(list, vec![item])?;
        }
        "extend" => {
            let more = sequence::items(&bind("extend", &["iterable"], 1, args)?.value(0))?;
            more.iter().try_for_each(|item| check(&itself, item))?;
            grow(list, more)?;
        }
        "insert" => {
            let bound = bind("insert", &["index", "object"], 2, args)?;
            let (index, item) = (bound.integer(0, 0)?, bound.value(1));
            check(&itself, &item)?;
            let mut items = list.lock();
            let length = items.len();
            let at = if index < 0 {
                place(index, length).unwrap_or(0)
            } else {
                place(index, length).unwrap_or(length)
            };
            items.insert(at, item);
        }
        "pop" => {
            let index = bind("pop", &["index"], 0, args)?.integer(0, -1)?;
            let mut items = list.lock();
            let at = place(index, items.len()).ok_or_else(|| misuse("there is nothing to pop there"))?;
            return Ok(items.remove(at));
        }
        "remove" => {
            let wanted = bind("remove", &["value"], 1, args)?.value(0);
            let at =
                position(&list.items(), &wanted)?.ok_or_else(|| misuse("the value is not in the list"))?;
            let removed = list.lock().remove(at);
            drop(removed);
        }
        "clear" => {
            bind("clear", &[], 0, args)?;
            let removed = std::mem::take(&mut *list.lock());
            drop(removed);
        }
        "reverse" => {
            bind("reverse", &[], 0, args)?;
            list.lock().reverse();
        }
        "sort" => {
            let bound = bind("sort", &["key", "reverse"], 0, args)?;
            let mut items = list.items();
            sorting::sort(&mut items, bound.flag(1, false)?)?;
            let old = std::mem::replace(&mut *list.lock(), items);
            drop(old);
        }
        "copy" => {
            bind("copy", &[], 0, args)?;
            return Ok(List::value(list.items()));
        }
        _ => return of_sequence(&list.items(), name, args),
    }
    Ok(none())
}

fn grow(list: &Arc<List>, more: Vec<Value>) -> Result<(), Error> {
    let mut items = list.lock();
    if items.len() + more.len() > MAX_ITEMS {
        return Err(misuse("the list is too long"));
    }
    items.extend(more);
    Ok(())
}

fn position(items: &[Value], wanted: &Value) -> Result<Option<usize>, Error> {
    let mut steps = Steps::of_many();
    for (index, item) in items.iter().enumerate() {
        if steps.equal(item, wanted)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// What lists and tuples share.
pub(super) fn of_sequence(items: &[Value], name: &str, args: &[Value]) -> Result<Value, Error> {
    match name {
        "count" => {
            let wanted = bind("count", &["value"], 1, args)?.value(0);
            let (mut count, mut steps) = (0, Steps::of_many());
            for item in items {
                count += i64::from(steps.equal(item, &wanted)?);
            }
            Ok(Value::from(count))
        }
        "index" => {
            let bound = bind("index", &["value", "start", "stop"], 1, args)?;
            let clamp = |index: i64| {
                if index < 0 {
                    place(index, items.len()).unwrap_or(0)
                } else {
                    usize::try_from(index).unwrap_or(usize::MAX).min(items.len())
                }
            };
            let start = clamp(bound.integer(1, 0)?);
            let stop = clamp(bound.integer(2, i64::MAX)?);
            let range = items.get(start..stop.max(start)).unwrap_or_default();
            let found = position(range, &bound.value(0))?;
            found.map(|at| Value::from(at + start)).ok_or_else(|| misuse("the value is not in the list"))
        }
        _ => Err(unknown()),
    }
}

fn view(dict: &Arc<Dict>, side: Side, bound: Bound<'_>) -> Value {
    drop(bound);
    Value::from_object(View { dict: Arc::clone(dict), side })
}

pub(super) fn of_dict(dict: &Arc<Dict>, name: &str, args: &[Value]) -> Result<Value, Error> {
    let itself = Value::from_dyn_object(Arc::clone(dict));
    match name {
        "keys" => Ok(view(dict, Side::Keys, bind(name, &[], 0, args)?)),
        "values" => Ok(view(dict, Side::Values, bind(name, &[], 0, args)?)),
        "items" => Ok(view(dict, Side::Items, bind(name, &[], 0, args)?)),
        // As in Python, these have no names for their arguments.
        "get" | "pop" | "setdefault" if !split(args).1.is_empty() => {
            Err(misuse(format!("{name} takes no arguments by name")))
        }
        "get" => {
            let bound = bind(name, &["key", "default"], 1, args)?;
            Ok(dict.get(&bound.value(0)).unwrap_or_else(|| bound.value(1)))
        }
        "pop" => {
            let bound = bind(name, &["key", "default"], 1, args)?;
            let default = bound.get(1).cloned();
            dict.remove(&bound.value(0)).or(default).ok_or_else(|| misuse("the key is not in the dictionary"))
        }
        "setdefault" => {
            let bound = bind(name, &["key", "default"], 1, args)?;
            if let Some(value) = dict.get(&bound.value(0)) {
                return Ok(value);
            }
            check(&itself, &bound.value(1))?;
            check_hashable(&bound.value(0))?;
            dict.insert(bound.value(0), bound.value(1));
            Ok(bound.value(1))
        }
        "popitem" => {
            bind(name, &[], 0, args)?;
            let (key, value) = dict.pop().ok_or_else(|| misuse("the dictionary is empty"))?;
            Ok(Value::from(Tuple::from([key, value])))
        }
        "clear" => {
            bind(name, &[], 0, args)?;
            dict.clear();
            Ok(none())
        }
        "copy" => {
            bind(name, &[], 0, args)?;
            Ok(Dict::value(dict.pairs()))
        }
        "update" => {
            for (key, value) in pairs_of(name, args)? {
                check(&itself, &value)?;
                dict.insert(key, value);
            }
            Ok(none())
        }
        _ => Err(unknown()),
    }
}

/// What `dict()` and `update()` take: a mapping or a list of pairs, and names.
pub(super) fn pairs_of(function: &str, args: &[Value]) -> Result<Vec<(Value, Value)>, Error> {
    let (positional, keywords) = split(args);
    if positional.len() > 1 {
        return Err(misuse(format!("{function} takes at most one argument by position")));
    }
    let mut pairs = Vec::new();
    if let Some(given) = positional.first() {
        if let Some(dict) = given.downcast_object_ref::<Dict>() {
            pairs.extend(dict.pairs());
        } else if given.kind() == minijinja::value::ValueKind::Map {
            for key in given.try_iter()? {
                let value = given.get_item(&key)?;
                pairs.push((key, value));
            }
        } else {
            for pair in sequence::items(given)? {
                match sequence::items(&pair)?.as_slice() {
                    [key, value] => pairs.push((key.clone(), value.clone())),
                    _ => return Err(misuse(format!("{function} takes pairs"))),
                }
            }
        }
    }
    pairs.extend(keywords.into_iter().map(|(name, value)| (Value::from(name), value)));
    for (key, value) in &pairs {
        check_hashable(key)?;
        check_nesting(value)?;
    }
    Ok(pairs)
}
