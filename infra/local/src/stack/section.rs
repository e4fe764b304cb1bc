//! A mapping of the template that knows which of its fields were looked at, so that none is overlooked.

use std::{cell::RefCell, collections::BTreeSet};

use serde_json::{Map, Value};

use super::{
    intrinsics::text_of,
    problem::{Problem, ProblemKind},
    template::Template,
};

pub(super) struct Section<'a> {
    template: &'a Template,
    path: String,
    fields: &'a Map<String, Value>,
    seen: RefCell<BTreeSet<String>>,
}

/// The field was there, but wrong; that has been reported.
struct Reported;

impl<'a> Section<'a> {
    /// A view of a mapping; reports anything else.
    pub(super) fn new(template: &'a Template, path: String, value: &'a Value) -> Option<Self> {
        match value.as_object() {
            Some(fields) => Some(Self { template, path, fields, seen: RefCell::default() }),
            None => {
                template.report(Problem::new(path, ProblemKind::Shape("a mapping")));
                None
            }
        }
    }

    /// The same place with other fields.
    pub(super) fn replaced<'b>(&self, fields: &'b Map<String, Value>) -> Section<'b>
    where
        'a: 'b,
    {
        Section { template: self.template, path: self.path.clone(), fields, seen: RefCell::default() }
    }

    pub(super) fn template(&self) -> &'a Template {
        self.template
    }

    pub(super) fn fields(&self) -> &'a Map<String, Value> {
        self.fields
    }

    pub(super) fn path(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    pub(super) fn report(&self, name: &str, kind: ProblemKind) {
        self.template.report(Problem::new(self.path(name), kind));
    }

    fn raw(&self, name: &str) -> Option<&'a Value> {
        self.inert(&[name]);
        self.fields.get(name)
    }

    /// A mapping inside this one, if it is there.
    pub(super) fn section(&self, name: &str) -> Option<Section<'a>> {
        self.raw(name).and_then(|value| Section::new(self.template, self.path(name), value))
    }

    /// A mapping inside this one; an empty one if it is missing or reported.
    pub(super) fn section_or_empty(&self, name: &str) -> Section<'a> {
        static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        self.section(name).unwrap_or_else(|| Section {
            template: self.template,
            path: self.path(name),
            fields: &EMPTY,
            seen: RefCell::default(),
        })
    }

    /// The mappings a list or a mapping consists of.
    pub(super) fn sections(&self, name: &str) -> Vec<(String, Section<'a>)> {
        let path = self.path(name);
        let items: Vec<_> = match self.raw(name) {
            None => return Vec::new(),
            Some(Value::Array(items)) => {
                items.iter().enumerate().map(|(n, item)| (n.to_string(), item)).collect()
            }
            Some(Value::Object(fields)) => fields.iter().map(|(key, item)| (key.clone(), item)).collect(),
            Some(_) => {
                self.report(name, ProblemKind::Shape("a list or a mapping"));
                return Vec::new();
            }
        };
        let sections = items.into_iter().filter_map(|(key, item)| {
            Section::new(self.template, format!("{path}.{key}"), item).map(|section| (key, section))
        });
        sections.collect()
    }

    fn resolved(&self, name: &str) -> Result<Option<Value>, Reported> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        self.template.resolve(&self.path(name), raw).map_err(|problem| {
            self.template.report(problem);
            Reported
        })
    }

    /// A field with its intrinsics evaluated.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        self.resolved(name).unwrap_or(None)
    }

    /// A field that must be there.
    pub(super) fn required(&self, name: &str) -> Option<Value> {
        let value = self.resolved(name).ok()?;
        if value.is_none() {
            self.report(name, ProblemKind::Missing);
        }
        value
    }

    fn shaped<T>(&self, name: &str, value: Option<T>, expected: &'static str) -> Option<T> {
        if value.is_none() {
            self.report(name, ProblemKind::Shape(expected));
        }
        value
    }

    /// A text that must be there.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.required(name).and_then(|value| self.shaped(name, text_of(&value), "text"))
    }

    /// A whole number, if it is there.
    pub(super) fn whole<N: std::str::FromStr>(&self, name: &str) -> Option<N> {
        let text = text_of(&self.value(name)?);
        self.shaped(name, text.and_then(|text| text.parse().ok()), "a whole number")
    }

    /// Whether a switch is on; off if it is missing.
    pub(super) fn switch(&self, name: &str) -> bool {
        let on = self.value(name).and_then(|value| self.shaped(name, value.as_bool(), "true or false"));
        on.unwrap_or(false)
    }

    /// A field that may only have the one value that is offered here, `default` being what AWS assumes without it.
    pub(super) fn only(&self, name: &str, supported: Value, default: Option<Value>) {
        let Ok(found) = self.resolved(name) else { return };
        match found.or(default) {
            None => self.report(name, ProblemKind::Missing),
            Some(found) if found == supported => {}
            Some(found) => {
                let (found, supported) = (found.to_string(), supported.to_string());
                self.report(name, ProblemKind::Unsupported { found, supported });
            }
        }
    }

    /// Fields that make no difference on one machine.
    pub(super) fn inert(&self, names: &[&str]) {
        self.seen.borrow_mut().extend(names.iter().map(|name| (*name).to_owned()));
    }

    /// Reports the fields no one looked at.
    pub(super) fn finish(&self) {
        let seen = self.seen.borrow();
        for name in self.fields.keys().filter(|name| !seen.contains(*name)) {
            self.report(name, ProblemKind::Unknown);
        }
    }
}
