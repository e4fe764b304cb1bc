//! Dictionaries that can be changed, as Python's can; they keep their order.

use std::fmt::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use minijinja::value::{Enumerator, Object, ObjectRepr, Tuple, ValueKind};
use minijinja::{Error, State, Value};

use super::bounds::is_hashable;
use super::list::discard;
use super::methods;
use super::repr::{write_items, write_repr};

/// By a key that is equal for equal keys; then the key as it was written, and the value.
type Entries = IndexMap<Value, (Value, Value)>;

/// A dictionary. What shares it sees its changes.
#[derive(Default)]
pub(super) struct Dict(Mutex<Entries>);

/// True is one, false is nought.
fn normal(key: &Value) -> Value {
    match key.kind() {
        ValueKind::Bool => Value::from(i64::from(key.is_true())),
        _ => key.clone(),
    }
}

impl Dict {
    pub(super) fn new(pairs: impl IntoIterator<Item = (Value, Value)>) -> Self {
        let dict = Self::default();
        pairs.into_iter().for_each(|(key, value)| dict.insert(key, value));
        dict
    }

    pub(super) fn value(pairs: impl IntoIterator<Item = (Value, Value)>) -> Value {
        Value::from_object(Self::new(pairs))
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// The first key that was written stays. The key must be hashable.
    pub(super) fn insert(&self, key: Value, value: Value) {
        let mut entries = self.lock();
        match entries.get_mut(&normal(&key)) {
            Some((_, old)) => *old = value,
            None => {
                entries.insert(normal(&key), (key, value));
            }
        }
    }

    pub(super) fn get(&self, key: &Value) -> Option<Value> {
        if !is_hashable(key) {
            return None;
        }
        self.lock().get(&normal(key)).map(|(_, value)| value.clone())
    }

    pub(super) fn remove(&self, key: &Value) -> Option<Value> {
        if !is_hashable(key) {
            return None;
        }
        self.lock().shift_remove(&normal(key)).map(|(_, value)| value)
    }

    pub(super) fn pop(&self) -> Option<(Value, Value)> {
        self.lock().pop().map(|(_, pair)| pair)
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    /// As they are now.
    pub(super) fn pairs(&self) -> Vec<(Value, Value)> {
        self.lock().values().cloned().collect()
    }
}

impl fmt::Debug for Dict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a dictionary of {}", self.len())
    }
}

impl Object for Dict {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.pairs().into_iter().map(|(key, _)| key).collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.len())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        name: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        methods::of_dict(self, name, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_repr(f, &Value::from_dyn_object(Arc::clone(self)), 0)
    }
}

impl Drop for Dict {
    fn drop(&mut self) {
        let entries = mem::take(&mut *self.lock());
        discard(entries.into_values().map(|(_, value)| value).collect());
    }
}

/// What of a dictionary is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Keys,
    Values,
    Items,
}

/// A dictionary's keys, values or pairs, as they are when they are looked at.
#[derive(Debug)]
pub(super) struct View {
    pub(super) dict: Arc<Dict>,
    pub(super) side: Side,
}

impl View {
    pub(super) fn items(&self) -> Vec<Value> {
        let pairs = self.dict.pairs().into_iter();
        pairs
            .map(|(key, value)| match self.side {
                Side::Keys => key,
                Side::Values => value,
                Side::Items => Value::from(Tuple::from([key, value])),
            })
            .collect()
    }

    pub(super) fn write(&self, out: &mut dyn Write, depth: usize) -> fmt::Result {
        let open = match self.side {
            Side::Keys => "dict_keys([",
            Side::Values => "dict_values([",
            Side::Items => "dict_items([",
        };
        write_items(out, (open, "])"), &self.items(), depth)
    }
}

impl Object for View {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.items())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.dict.len())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}
