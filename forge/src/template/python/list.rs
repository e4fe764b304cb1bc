//! Lists that can be changed, as Python's can.

use std::cell::RefCell;
use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Error, State, Value};

use super::methods;
use super::repr::write_items;

/// A list. What shares it sees its changes.
#[derive(Default)]
pub(super) struct List(Mutex<Vec<Value>>);

impl List {
    pub(super) fn value(items: Vec<Value>) -> Value {
        Value::from_object(Self(Mutex::new(items)))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As they are now.
    pub(super) fn items(&self) -> Vec<Value> {
        self.lock().clone()
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of {}", self.lock().len())
    }
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let index = usize::try_from(key.as_i64()?).ok()?;
        self.lock().get(index).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Iter(Box::new(Live { list: Arc::clone(self), next: 0 }))
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.lock().len())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        name: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        methods::of_list(self, name, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_items(f, ("[", "]"), &self.items(), 0)
    }
}

/// Goes on to what is appended meanwhile.
struct Live {
    list: Arc<List>,
    next: usize,
}

impl Iterator for Live {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        let item = self.list.lock().get(self.next).cloned()?;
        self.next += 1;
        Some(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.list.lock().len().saturating_sub(self.next);
        (left, Some(left))
    }
}

thread_local! {
    /// What is still to be dropped, while something is being dropped.
    static RUBBISH: RefCell<Option<Vec<Value>>> = const { RefCell::new(None) };
}

/// Drops values without the stack growing with their nesting.
pub(super) fn discard(values: Vec<Value>) {
    let is_outermost = RUBBISH.with_borrow_mut(|rubbish| match rubbish {
        Some(rubbish) => {
            rubbish.extend(values);
            false
        }
        None => {
            *rubbish = Some(values);
            true
        }
    });
    while is_outermost
        && let Some(value) = RUBBISH.with_borrow_mut(|rubbish| rubbish.as_mut().and_then(Vec::pop))
    {
        drop(value);
    }
    if is_outermost {
        RUBBISH.set(None);
    }
}

impl Drop for List {
    fn drop(&mut self) {
        let items = mem::take(&mut *self.lock());
        if items.iter().any(|item| item.as_object().is_some()) {
            discard(items);
        }
    }
}
