//! Reading JSON objects field by field, collecting everything that is wrong.

use std::{cell::RefCell, fmt};

use serde_json::{Map, Value};

use super::super::template::Template;

/// One thing that is wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The state's name; `None` for the machine itself.
    pub state: Option<String>,
    /// The field, such as `Retry[0].MaxAttempts`.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            Some(state) => write!(f, "state `{state}`, {}: {}", self.field, self.problem),
            None => write!(f, "{}: {}", self.field, self.problem),
        }
    }
}

/// A definition cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct InvalidDefinition {
    /// Everything that is wrong with it.
    pub findings: Vec<Finding>,
}

impl fmt::Display for InvalidDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the state machine's definition is invalid")?;
        self.findings.iter().try_for_each(|finding| write!(f, "; {finding}"))
    }
}

/// What has been found so far.
#[derive(Debug, Default)]
pub(super) struct Findings(RefCell<Vec<Finding>>);

impl Findings {
    pub(super) fn report(&self, state: Option<&str>, field: impl Into<String>, problem: impl Into<String>) {
        let state = state.map(str::to_owned);
        self.0.borrow_mut().push(Finding { state, field: field.into(), problem: problem.into() });
    }

    pub(super) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    pub(super) fn into_vec(self) -> Vec<Finding> {
        self.0.into_inner()
    }
}

/// An object being read. A missing or wrong field is reported and read as an empty value, so that reading
/// can go on. Fields nobody asked for are reported at the [end](Self::end).
#[derive(Debug)]
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
    asked: Vec<&'static str>,
    state: Option<&'a str>,
    prefix: String,
    findings: &'a Findings,
}

impl<'a> Fields<'a> {
    /// `None`, and a finding, if `value` is not an object.
    pub(super) fn of(
        value: &'a Value,
        state: Option<&'a str>,
        path: &str,
        findings: &'a Findings,
    ) -> Option<Self> {
        let Some(object) = value.as_object() else {
            let place = if path.is_empty() { "definition" } else { path };
            findings.report(state, place, "must be an object");
            return None;
        };
        let prefix = if path.is_empty() { String::new() } else { format!("{path}.") };
        Some(Self { object, asked: Vec::new(), state, prefix, findings })
    }

    pub(super) fn findings(&self) -> &'a Findings {
        self.findings
    }

    pub(super) fn state(&self) -> Option<&'a str> {
        self.state
    }

    pub(super) fn path(&self, field: &str) -> String {
        format!("{}{field}", self.prefix)
    }

    pub(super) fn report(&self, field: &str, problem: impl Into<String>) {
        self.findings.report(self.state, self.path(field), problem);
    }

    pub(super) fn get(&mut self, field: &'static str) -> Option<&'a Value> {
        self.asked.push(field);
        self.object.get(field)
    }

    pub(super) fn required(&mut self, field: &'static str) -> Option<&'a Value> {
        let value = self.get(field);
        if value.is_none() {
            self.report(field, "is missing");
        }
        value
    }

    pub(super) fn optional_text(&mut self, field: &'static str) -> Option<String> {
        let value = self.get(field)?;
        let text = value.as_str().filter(|text| !text.is_empty());
        if text.is_none() {
            self.report(field, "must be text");
        }
        text.map(str::to_owned)
    }

    pub(super) fn text(&mut self, field: &'static str) -> String {
        match self.required(field) {
            Some(_) => self.optional_text(field).unwrap_or_default(),
            None => String::new(),
        }
    }

    /// A list of objects, each with its fields.
    pub(super) fn list(&mut self, field: &'static str) -> Vec<Fields<'a>> {
        let Some(value) = self.get(field) else { return Vec::new() };
        let Some(items) = value.as_array() else {
            self.report(field, "must be a list");
            return Vec::new();
        };
        let item =
            |(i, item)| Fields::of(item, self.state, &self.path(&format!("{field}[{i}]")), self.findings);
        items.iter().enumerate().filter_map(item).collect()
    }

    pub(super) fn template(&mut self, field: &'static str) -> Option<Template> {
        let value = self.get(field)?;
        Some(Template::compile(value, &mut |path, problem| self.report(&format!("{field}{path}"), problem)))
    }

    /// An expression, or a whole number from `least` to `most`.
    pub(super) fn whole_number_or_query(
        &mut self,
        field: &'static str,
        least: u64,
        most: u64,
    ) -> Option<Template> {
        let template = self.template(field)?;
        // One that cannot be parsed has been reported as such.
        if self.get(field)?.as_str().is_some_and(|text| text.starts_with("{%")) {
            return Some(template);
        }
        self.whole_number(field, least, most).map(|_| template)
    }

    pub(super) fn whole_number(&mut self, field: &'static str, least: u64, most: u64) -> Option<u64> {
        let number = self.get(field)?.as_u64().filter(|n| (least..=most).contains(n));
        if number.is_none() {
            self.report(field, format!("must be a whole number from {least} to {most}"));
        }
        number
    }

    pub(super) fn end(self) {
        for field in self.object.keys().filter(|field| !self.asked.contains(&field.as_str())) {
            self.report(field, "is not supported here");
        }
    }
}
