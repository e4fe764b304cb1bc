use serde_json::{Map, Number, Value};

use super::super::position::{Positions, below};
use super::super::{Finding, FindingCode};
use super::MANIFEST;

/// Reads values and collects what is wrong with them, each with its place.
pub(super) struct Reader<'t> {
    positions: Positions<'t>,
    pub(super) findings: Vec<Finding>,
}

/// An object of the file.
pub(super) struct Fields<'v> {
    values: &'v Map<String, Value>,
    /// Where it is.
    pub(super) pointer: String,
    /// What it is, for people.
    pub(super) of: String,
}

impl<'v> Fields<'v> {
    pub(super) fn get(&self, field: &str) -> Option<&'v Value> {
        self.values.get(field)
    }

    /// Where a field is.
    pub(super) fn at(&self, field: &str) -> String {
        below(&self.pointer, field)
    }
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { positions: Positions::of(text), findings: Vec::new() }
    }

    pub(super) fn report(&mut self, code: FindingCode, pointer: &str, message: impl Into<String>) {
        let finding = Finding::new(code, MANIFEST, message).placed(self.positions.place(pointer));
        self.findings.push(finding);
    }

    /// What has the wrong form.
    pub(super) fn malformed(&mut self, pointer: &str, message: impl Into<String>) {
        self.report(FindingCode::InvalidJsonSchema, pointer, message);
    }

    /// An object that has no other fields than these.
    pub(super) fn fields<'v>(
        &mut self,
        value: &'v Value,
        pointer: &str,
        of: &str,
        known: &[&str],
    ) -> Option<Fields<'v>> {
        let Some(values) = value.as_object() else {
            self.malformed(pointer, format!("{of} must be an object"));
            return None;
        };
        for field in values.keys().filter(|field| !known.contains(&field.as_str())) {
            let message = format!("{of} has an unknown field `{field}`; known are {}", known.join(", "));
            self.malformed(&below(pointer, field), message);
        }
        Some(Fields { values, pointer: pointer.to_owned(), of: of.to_owned() })
    }

    pub(super) fn text(&mut self, fields: &Fields<'_>, field: &str) -> Option<String> {
        self.read(fields, field, "a text", |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn truth(&mut self, fields: &Fields<'_>, field: &str) -> Option<bool> {
        self.read(fields, field, "true or false", Value::as_bool)
    }

    pub(super) fn integer(&mut self, fields: &Fields<'_>, field: &str) -> Option<i32> {
        let integer = |value: &Value| value.as_i64().and_then(|number| i32::try_from(number).ok());
        self.read(fields, field, "a whole number", integer)
    }

    pub(super) fn count(&mut self, fields: &Fields<'_>, field: &str) -> Option<u32> {
        let count = |value: &Value| value.as_u64().and_then(|count| u32::try_from(count).ok());
        self.read(fields, field, "a whole number from 0 on", count)
    }

    pub(super) fn number(&mut self, fields: &Fields<'_>, field: &str) -> Option<Number> {
        self.read(fields, field, "a number", |value| value.as_number().cloned())
    }

    pub(super) fn list(&mut self, fields: &Fields<'_>, field: &str) -> Option<Vec<Value>> {
        self.read(fields, field, "a list", |value| value.as_array().cloned())
    }

    /// A field as something, if it is there and can be read so.
    pub(super) fn read<T>(
        &mut self,
        fields: &Fields<'_>,
        field: &str,
        kind: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Option<T> {
        let value = read(fields.get(field)?);
        if value.is_none() {
            self.malformed(&fields.at(field), format!("`{field}` of {} must be {kind}", fields.of));
        }
        value
    }
}
