//! Jinja2's small helpers: `cycler`, `joiner` and `namespace`.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use minijinja::value::{Kwargs, Object, ObjectRepr};
use minijinja::{Environment, Error, ErrorKind, State, Value};

use super::args::{bind, misuse, split};
use super::globals::add_function;
use super::methods::pairs_of;

pub(super) fn add(environment: &mut Environment<'_>) {
    add_function(environment, "cycler", |_, args| {
        let (items, named) = split(args);
        if items.is_empty() || !named.is_empty() {
            return Err(misuse("cycler needs items"));
        }
        Ok(Value::from_object(Cycler { items: items.to_vec(), next: AtomicUsize::new(0) }))
    });
    add_function(environment, "joiner", |_, args| {
        let separator = bind("joiner", &["sep"], 0, args)?.get(0).cloned();
        let separator = separator.unwrap_or_else(|| Value::from(", "));
        Ok(Value::from_object(Joiner { separator, used: AtomicBool::new(false) }))
    });
    // Only the engine's own can be assigned to.
    let own = environment.globals().find(|(name, _)| *name == "namespace").map(|(_, value)| value);
    if let Some(own) = own {
        add_function(environment, "namespace", move |state, args| {
            let pairs = pairs_of("namespace", args)?;
            if pairs.is_empty() {
                return own.call(state, &[]);
            }
            let named: Kwargs = pairs.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
            own.call(state, &[Value::from(named)])
        });
    }
}

/// Goes through its items again and again.
#[derive(Debug)]
struct Cycler {
    items: Vec<Value>,
    next: AtomicUsize,
}

impl Object for Cycler {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "current" => self.items.get(self.next.load(Ordering::Relaxed)).cloned(),
            "pos" => Some(Value::from(self.next.load(Ordering::Relaxed))),
            _ => None,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        name: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match name {
            "next" => {
                bind(name, &[], 0, args)?;
                let at = self.next.load(Ordering::Relaxed);
                self.next.store((at + 1) % self.items.len().max(1), Ordering::Relaxed);
                Ok(self.items.get(at).cloned().unwrap_or(Value::UNDEFINED))
            }
            "reset" => {
                bind(name, &[], 0, args)?;
                self.next.store(0, Ordering::Relaxed);
                Ok(Value::from(()))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

/// Nothing the first time, then the separator.
#[derive(Debug)]
struct Joiner {
    separator: Value,
    used: AtomicBool,
}

impl Object for Joiner {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        bind("joiner", &[], 0, args)?;
        let was_used = self.used.swap(true, Ordering::Relaxed);
        Ok(if was_used { self.separator.clone() } else { Value::from("") })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<joiner>")
    }
}
