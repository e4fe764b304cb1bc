//! What makes the engine below print what Python's Jinja2 prints.
//!
//! A template is rewritten before it is parsed ([`rewrite`]): its marks and its white space are resolved as Jinja2
//! resolves them, operators become calls. The values it works on are Python's: lists and dictionaries that can be
//! changed, and what they print.

mod args;
mod assignments;
mod attribute;
mod binary;
mod bounds;
mod case;
mod chance;
mod compare;
mod convert;
mod dict;
mod emit;
mod entities;
mod expressions;
mod filters;
mod float;
mod globals;
mod helpers;
mod json;
mod lexer;
mod list;
mod literal;
mod macros;
mod markup;
mod methods;
mod moment;
mod new_lines;
mod number;
mod operands;
mod parser;
mod pretty;
mod printf;
mod random;
mod repr;
mod rewrite;
mod sequence;
mod slug;
mod sorting;
mod spec;
mod statements;
mod strftime;
mod strings;
mod style;
mod templates;
mod tests;
mod text;
mod token;

use std::sync::Arc;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, State, Value};

pub(super) use binary::is_binary;
pub use chance::Chance;
pub(super) use emit::Rewritten;
pub(super) use new_lines::NewLines;
pub(super) use rewrite::{normalized, rewritten};
pub use style::{Mark, NewLine, Style};
pub(super) use token::Misuse;

/// Makes an environment print, calculate and compare as Python does.
pub(super) fn install(environment: &mut Environment<'_>, style: &Style, chance: Chance) {
    // The marks are fixed; that they are no proper ones is a mistake here, not in a template.
    if let Ok(syntax) = emit::syntax() {
        environment.set_syntax(syntax);
    }
    environment.set_formatter(|out, state, value| {
        if markup::is_escaping(state) && !value.is_undefined() {
            let text = markup::text_of(&markup::to_markup(value)?)?;
            return out.write_str(&text).map_err(Error::from);
        }
        repr::write_str(out, value).map_err(Error::from)
    });
    environment.set_unknown_method_callback(method);
    globals::add(environment);
    filters::add(environment, style.new_line);
    tests::add(environment);
    helpers::add(environment);
    random::add(environment, &chance::Draws::new(chance.seed));
    moment::add(environment, chance.now);
    slug::add(environment);
}

/// Whether the text can be parsed once it is rewritten.
pub(super) fn check(rewritten: &str) -> Result<(), Error> {
    let mut environment = Environment::empty();
    environment.set_debug(true);
    environment.set_syntax(emit::syntax()?);
    environment.add_template_owned("", rewritten.to_owned())
}

fn method(_: &mut State<'_, '_>, value: &Value, name: &str, args: &[Value]) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::String => strings::call(value, name, args),
        ValueKind::Seq => methods::of_sequence(&sequence::items(value)?, name, args),
        ValueKind::Number | ValueKind::Bool => globals::number_method(value, name, args),
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

/// A value of JSON as Python's `json` reads it.
pub(super) fn from_json(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Array(items) => list::List::value(items.iter().map(from_json).collect()),
        serde_json::Value::Object(entries) => dict::Dict::value(
            entries.iter().map(|(key, value)| (Value::from(key.as_str()), from_json(value))),
        ),
        other => Value::from(minijinja::value::Serde(other)),
    }
}

/// A dictionary that templates see, and may change, while it is being filled.
pub(super) struct Live(Arc<dict::Dict>);

impl Live {
    pub(super) fn new() -> Self {
        Self(Arc::new(dict::Dict::default()))
    }

    /// What is there already keeps its place.
    pub(super) fn insert(&self, name: &str, value: Value) {
        self.0.insert(Value::from(name), value);
    }

    /// Everything of the other one, over what is there.
    pub(super) fn update(&self, other: &Self) {
        other.0.pairs().into_iter().for_each(|(name, value)| self.0.insert(name, value));
    }

    /// The dictionary itself, for a context.
    pub(super) fn value(&self) -> Value {
        Value::from_dyn_object(Arc::clone(&self.0))
    }
}

/// What `str()` makes of a number.
pub(super) fn number_text(number: &serde_json::Number) -> String {
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(number) => float::repr(number),
        None => number.to_string(),
    }
}
