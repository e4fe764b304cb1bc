//! Which names an expression looks up.

use std::collections::BTreeSet;

use minijinja::Environment;

/// Every name that a text with expressions may look up from outside; nothing, if it cannot be parsed.
pub(super) fn names_in(text: &str) -> Option<BTreeSet<String>> {
    // Filters and functions are looked up when a text is rendered, not when it is read.
    let environment = Environment::empty();
    let template = environment.template_from_str(text).ok()?;
    Some(template.undeclared_variables(false).into_iter().collect())
}

/// Whether a name stands in a text as a word, be it of an expression or not.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(is_inside) && !text[at + word.len()..].starts_with(is_inside))
}
