//! Single texts, as cookiecutter would render them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::engine::Engine;
use super::library::Library;
use super::{RenderError, python};
use crate::source::{Limits, Memory, SourceFile};
use crate::template::{Chance, Style};

/// Renders a text that may include others by their names. `context` is what it can name.
pub fn render_text(
    text: &str,
    context: &Map<String, Value>,
    others: BTreeMap<String, String>,
    style: Style,
    chance: Chance,
) -> Result<String, RenderError> {
    let files = others.into_iter().map(|(path, text)| SourceFile::regular(path, text)).collect();
    let library = Library::new(Arc::new(Memory::new(files)), vec![String::new()]);
    let context = minijinja::Value::from_pairs(
        context.iter().map(|(name, value)| (name.as_str(), python::from_json(value))),
    );
    Engine::with_chance(&style, &library, Limits::PLATFORM, chance).render("text", text, &context)
}
