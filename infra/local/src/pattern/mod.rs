//! EventBridge event patterns: compiled once, then matched against events as JSON.
//!
//! Every content filter of EventBridge is known, and what EventBridge refuses is refused here, so that
//! a rule which works on one machine also deploys.

mod compile;
mod matcher;
#[cfg(test)]
mod tests;

use serde_json::Value;

use matcher::Matcher;

/// Why a pattern cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("event pattern, at `{path}`: {problem}")]
pub struct PatternError {
    /// The field, in dots: `detail.data.total`; `$` is the pattern as a whole.
    pub path: String,
    /// What is wrong with it.
    pub problem: String,
}

/// A compiled event pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    fields: Vec<(String, Field)>,
    /// At least one of these must match too, unless there are none.
    any_of: Vec<Pattern>,
}

#[derive(Debug, Clone)]
enum Field {
    Leaf(Vec<Matcher>),
    Object(Pattern),
}

impl Pattern {
    /// Compiles the pattern.
    pub fn compile(pattern: &Value) -> Result<Self, PatternError> {
        compile::pattern(pattern)
    }

    /// Whether the event has all the fields the pattern names, with values it wants.
    pub fn matches(&self, event: &Value) -> bool {
        self.matches_at(Some(event))
    }

    /// All the fields of one object of the pattern must be found in one and the same element of an array.
    fn matches_at(&self, value: Option<&Value>) -> bool {
        if let Some(Value::Array(elements)) = value
            && !elements.is_empty()
        {
            return elements.iter().any(|element| self.matches_at(Some(element)));
        }
        let all_fields = self.fields.iter().all(|(name, field)| {
            let value = value.and_then(|value| value.get(name));
            match field {
                Field::Leaf(matchers) => any_matches(matchers, value),
                Field::Object(pattern) => pattern.matches_at(value),
            }
        });
        all_fields && (self.any_of.is_empty() || self.any_of.iter().any(|p| p.matches_at(value)))
    }
}

fn any_matches(matchers: &[Matcher], value: Option<&Value>) -> bool {
    let mut leaves = Vec::new();
    collect_leaves(value, &mut leaves);
    matchers.iter().any(|matcher| match matcher {
        Matcher::Exists(wanted) => *wanted != leaves.is_empty(),
        matcher => leaves.iter().any(|leaf| matcher.matches(leaf)),
    })
}

/// An array stands for each of its elements; an object is not a value, so a field that holds one, or an
/// empty array, counts as absent.
fn collect_leaves<'a>(value: Option<&'a Value>, leaves: &mut Vec<&'a Value>) {
    match value {
        None | Some(Value::Object(_)) => {}
        Some(Value::Array(elements)) => elements.iter().for_each(|e| collect_leaves(Some(e), leaves)),
        Some(leaf) => leaves.push(leaf),
    }
}
