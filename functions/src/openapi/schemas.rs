//! The schemas of types, as components of the document.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value};

/// Where the document keeps schemas.
const COMPONENTS: &str = "#/components/schemas/";

/// A reference to a component.
pub(super) fn reference(name: &str) -> Value {
    Value::String(format!("{COMPONENTS}{name}"))
}

/// The components so far, by name. A name has one meaning in all commands; a test holds that.
#[derive(Default)]
pub(super) struct Schemas(BTreeMap<String, Value>);

impl Schemas {
    /// Puts a schema in, and what it brings with it under the names it has for that.
    pub fn add(&mut self, name: &str, schema: Schema) {
        let mut schema = schema.to_value();
        if let Some(root) = schema.as_object_mut() {
            // The document says which dialect it is, and the component's name is title enough.
            root.remove("$schema");
            root.remove("title");
            if let Some(Value::Object(brought)) = root.remove("$defs") {
                brought.into_iter().for_each(|(name, schema)| self.put(&name, schema));
            }
        }
        self.put(name, schema);
    }

    /// Puts the schema of something we answer in: as it is written, not as it may be read.
    pub fn answer<T: JsonSchema>(&mut self, name: &str) {
        let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
        self.add(name, generator.into_root_schema_for::<T>());
        if let Some(schema) = self.0.get_mut(name) {
            left_out_rather_than_null(schema);
        }
    }

    /// Puts one schema in.
    pub fn put(&mut self, name: &str, mut schema: Value) {
        refer_to_components(&mut schema);
        self.0.insert(name.to_owned(), schema);
    }

    /// A component, to say more about it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.0.get_mut(name)
    }

    /// All of them, sorted.
    pub fn into_components(self) -> Map<String, Value> {
        self.0.into_iter().collect()
    }
}

/// `#/$defs/Name` is where schemars looks for what it brought.
fn refer_to_components(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::String(target)) = fields.get_mut("$ref")
                && let Some(name) = target.strip_prefix("#/$defs/")
            {
                *target = format!("{COMPONENTS}{name}");
            }
            fields.values_mut().for_each(refer_to_components);
        }
        Value::Array(items) => items.iter_mut().for_each(refer_to_components),
        _ => {}
    }
}

/// An answer leaves out what it has nothing to say about: none of its fields is ever null.
fn left_out_rather_than_null(schema: &mut Value) {
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
    for property in properties.values_mut() {
        if let Some(Value::Array(types)) = property.get_mut("type") {
            types.retain(|it| it != "null");
            if let [one] = types.as_slice() {
                property["type"] = one.clone();
            }
        }
    }
}
