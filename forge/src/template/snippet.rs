//! Single texts, as cookiecutter would render them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::engine::Engine;
use super::layout::Library;
use super::{RenderError, python};
use crate::template::{Chance, Style};

/// Renders a text that may include others by their names. `context` is what it can name.
pub fn render_text(
    text: &str,
    context: &Map<String, Value>,
    others: BTreeMap<String, String>,
    style: Style,
    chance: Chance,
) -> Result<String, RenderError> {
    let library = Library::new(others);
    let context = minijinja::Value::from_pairs(
        context.iter().map(|(name, value)| (name.as_str(), python::from_json(value))),
    );
    Engine::with_chance(style, &library, chance).render("text", text, &context)
}
