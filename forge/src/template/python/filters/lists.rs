//! Filters on lists and dictionaries.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Tuple, ValueKind};
use minijinja::{Environment, Error, State, Value};

use super::add_filter;
use crate::template::python::args::{bind, defined, misuse};
use crate::template::python::attribute::{Path, without_case};
use crate::template::python::bounds::check_hashable;
use crate::template::python::compare::Steps;
use crate::template::python::dict::Dict;
use crate::template::python::list::List;
use crate::template::python::markup;
use crate::template::python::number::calculate;
use crate::template::python::repr::write_items;
use crate::template::python::sequence::{self, items};
use crate::template::python::sorting::sort_by;

pub(super) fn add(environment: &mut Environment<'_>) {
    for name in ["length", "count"] {
        add_filter(environment, name, |_, args| {
            let value = bind("length", &["obj"], 1, args)?.value(0);
            let length = defined(&value)?.len();
            length.map(Value::from).ok_or_else(|| misuse("the value has no length"))
        });
    }
    add_filter(environment, "list", |_, args| {
        Ok(List::value(items(&bind("list", &["value"], 1, args)?.value(0))?))
    });
    add_filter(environment, "first", |_, args| {
        let value = bind("first", &["seq"], 1, args)?.value(0);
        sequence::check_iterable(&value)?;
        Ok(value.try_iter()?.next().unwrap_or(Value::UNDEFINED))
    });
    add_filter(environment, "last", |_, args| {
        Ok(items(&bind("last", &["seq"], 1, args)?.value(0))?.pop().unwrap_or(Value::UNDEFINED))
    });
    add_filter(environment, "reverse", |_, args| {
        let value = bind("reverse", &["value"], 1, args)?.value(0);
        let mut all = items(&value)?;
        all.reverse();
        if value.kind() == ValueKind::String { markup::joined(&all) } else { Ok(List::value(all)) }
    });
    add_filter(environment, "items", |_, args| {
        let value = bind("items", &["value"], 1, args)?.value(0);
        if value.is_undefined() { Ok(List::value(Vec::new())) } else { Ok(List::value(pairs(&value)?)) }
    });
    add_filter(environment, "default", |_, args| default(args));
    add_filter(environment, "d", |_, args| default(args));
    add_filter(environment, "join", join);
    add_filter(environment, "sum", |_, args| sum(args));
    add_filter(environment, "min", |_, args| extreme(args, "min", Ordering::Less));
    add_filter(environment, "max", |_, args| extreme(args, "max", Ordering::Greater));
    add_filter(environment, "sort", |_, args| sort(args));
    add_filter(environment, "unique", |_, args| unique(args));
    add_filter(environment, "groupby", |_, args| group(args));
    add_filter(environment, "dictsort", |_, args| sorted_pairs(args));
    add_filter(environment, "batch", |_, args| batch(args));
    add_filter(environment, "slice", |_, args| slice(args));
    add_filter(environment, "attr", |_, args| {
        let bound = bind("attr", &["obj", "name"], 2, args)?;
        let (value, name) = (bound.value(0), bound.text(1)?);
        let is_data =
            value.downcast_object_ref::<Dict>().is_some() || value.downcast_object_ref::<List>().is_some();
        if is_data { Ok(Value::UNDEFINED) } else { defined(&value)?.get_attr(&name) }
    });
}

fn pairs(value: &Value) -> Result<Vec<Value>, Error> {
    if defined(value)?.kind() != ValueKind::Map {
        return Err(misuse("only a dictionary has pairs"));
    }
    let keys = items(value)?.into_iter();
    keys.map(|key| Ok(Value::from(Tuple::from([key.clone(), value.get_item(&key)?])))).collect()
}

fn default(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("default", &["value", "default_value", "boolean"], 1, args)?;
    let value = bound.value(0);
    if value.is_undefined() || (bound.flag(2, false)? && !value.is_true()) {
        return Ok(bound.get(1).cloned().unwrap_or_else(|| Value::from("")));
    }
    Ok(value)
}

fn join(state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("join", &["value", "d", "attribute"], 1, args)?;
    let separator = bound.get(1).cloned().unwrap_or_else(|| Value::from(""));
    let path = Path::new(&bound.value(2))?;
    let mut parts = Vec::new();
    for (index, item) in items(&bound.value(0))?.iter().enumerate() {
        if index > 0 {
            parts.push(separator.clone());
        }
        parts.push(path.of(item)?);
    }
    if markup::is_escaping(state) {
        return markup::joined(&parts);
    }
    markup::concat(parts.iter().map(markup::text_of)).map(Value::from)
}

fn sum(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("sum", &["iterable", "attribute", "start"], 1, args)?;
    let path = Path::new(&bound.value(1))?;
    let start = bound.get(2).cloned().unwrap_or_else(|| Value::from(0));
    if start.kind() == ValueKind::String {
        return Err(misuse("texts are joined, not summed up"));
    }
    items(&bound.value(0))?.iter().try_fold(start, |sum, item| calculate(&sum, "+", &path.of(item)?))
}

fn extreme(args: &[Value], name: &str, wanted: Ordering) -> Result<Value, Error> {
    let bound = bind(name, &["value", "case_sensitive", "attribute"], 1, args)?;
    let (is_case_sensitive, path) = (bound.flag(1, false)?, Path::new(&bound.value(2))?);
    let mut best: Option<(Value, Value)> = None;
    let mut steps = Steps::of_many();
    for item in items(&bound.value(0))? {
        let key = without_case(path.of(&item)?, is_case_sensitive);
        let is_better = match &best {
            Some((best, _)) => steps.order(&key, best)? == Some(wanted),
            None => true,
        };
        if is_better {
            best = Some((key, item));
        }
    }
    Ok(best.map_or(Value::UNDEFINED, |(_, item)| item))
}

fn sort(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("sort", &["value", "reverse", "case_sensitive", "attribute"], 1, args)?;
    let (is_case_sensitive, paths) = (bound.flag(2, false)?, Path::several(&bound.value(3))?);
    let keyed = items(&bound.value(0))?.into_iter().map(|item| {
        let keys = paths.iter().map(|path| Ok(without_case(path.of(&item)?, is_case_sensitive)));
        Ok((List::value(keys.collect::<Result<_, Error>>()?), item))
    });
    let mut keyed: Vec<(Value, Value)> = keyed.collect::<Result<_, Error>>()?;
    let mut steps = Steps::of_many();
    sort_by(&mut keyed, bound.flag(1, false)?, |a, b| steps.order(&a.0, &b.0))?;
    Ok(List::value(keyed.into_iter().map(|(_, item)| item).collect()))
}

fn unique(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("unique", &["value", "case_sensitive", "attribute"], 1, args)?;
    let (is_case_sensitive, path) = (bound.flag(1, false)?, Path::new(&bound.value(2))?);
    let (seen, mut kept) = (Dict::default(), Vec::new());
    for item in items(&bound.value(0))? {
        let key = without_case(path.of(&item)?, is_case_sensitive);
        check_hashable(&key)?;
        if seen.get(&key).is_none() {
            seen.insert(key, Value::from(()));
            kept.push(item);
        }
    }
    Ok(List::value(kept))
}

/// What is alike, and by what; it prints and is taken apart like a pair.
#[derive(Debug)]
struct Group {
    grouper: Value,
    list: Value,
}

impl Object for Group {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match (key.as_str(), key.as_i64()) {
            (Some("grouper"), _) | (_, Some(0)) => Some(self.grouper.clone()),
            (Some("list"), _) | (_, Some(1)) => Some(self.list.clone()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(2)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_items(f, ("(", ")"), &[self.grouper.clone(), self.list.clone()], 0)
    }
}

fn group(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("groupby", &["value", "attribute", "default", "case_sensitive"], 2, args)?;
    let (path, default, is_case_sensitive) =
        (Path::new(&bound.value(1))?, bound.value(2), bound.flag(3, false)?);
    let keyed = items(&bound.value(0))?.into_iter().map(|item| {
        let found = path.of(&item)?;
        let found = if found.is_undefined() && !default.is_none() { default.clone() } else { found };
        Ok((without_case(found.clone(), is_case_sensitive), found, item))
    });
    let mut keyed: Vec<(Value, Value, Value)> = keyed.collect::<Result<_, Error>>()?;
    let mut steps = Steps::of_many();
    sort_by(&mut keyed, false, |a, b| steps.order(&a.0, &b.0))?;
    let mut groups: Vec<(Value, Value, Vec<Value>)> = Vec::new();
    for (key, found, item) in keyed {
        match groups.last_mut() {
            Some((last, _, list)) if steps.equal(last, &key)? => list.push(item),
            _ => groups.push((key, found, vec![item])),
        }
    }
    let groups = groups
        .into_iter()
        .map(|(_, grouper, list)| Value::from_object(Group { grouper, list: List::value(list) }));
    Ok(List::value(groups.collect()))
}

fn sorted_pairs(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("dictsort", &["value", "case_sensitive", "by", "reverse"], 1, args)?;
    let is_case_sensitive = bound.flag(1, false)?;
    let part = match bound.optional_text(2)?.as_deref() {
        None | Some("key") => 0,
        Some("value") => 1,
        Some(_) => return Err(misuse("a dictionary is sorted by `key` or by `value`")),
    };
    let keyed = pairs(&bound.value(0))?.into_iter();
    let keyed = keyed.map(|pair| Ok((without_case(pair.get_item_by_index(part)?, is_case_sensitive), pair)));
    let mut keyed: Vec<(Value, Value)> = keyed.collect::<Result<_, Error>>()?;
    let mut steps = Steps::of_many();
    sort_by(&mut keyed, bound.flag(3, false)?, |a, b| steps.order(&a.0, &b.0))?;
    Ok(List::value(keyed.into_iter().map(|(_, pair)| pair).collect()))
}

fn batch(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("batch", &["value", "linecount", "fill_with"], 2, args)?;
    let (size, fill) = (bound.count(1, 0)?, bound.value(2));
    if size == 0 || size > sequence::MAX_ITEMS {
        return Err(misuse("batches need a size"));
    }
    let all = items(&bound.value(0))?;
    let batches = all.chunks(size).map(|chunk| {
        let missing = if fill.is_none() { 0 } else { size - chunk.len() };
        List::value(chunk.iter().cloned().chain(std::iter::repeat_n(fill.clone(), missing)).collect())
    });
    Ok(List::value(batches.collect()))
}

fn slice(args: &[Value]) -> Result<Value, Error> {
    let bound = bind("slice", &["value", "slices", "fill_with"], 2, args)?;
    let (count, fill) = (bound.count(1, 0)?, bound.value(2));
    if count == 0 || count > sequence::MAX_ITEMS {
        return Err(misuse("slices need a number"));
    }
    let all = items(&bound.value(0))?;
    let (size, longer) = (all.len() / count, all.len() % count);
    let mut rest = all.as_slice();
    let mut slices = Vec::new();
    for index in 0..count {
        let (part, after) = rest.split_at(size + usize::from(index < longer));
        rest = after;
        let is_short = !fill.is_none() && index >= longer;
        slices.push(List::value(part.iter().cloned().chain(is_short.then(|| fill.clone())).collect()));
    }
    Ok(List::value(slices))
}
