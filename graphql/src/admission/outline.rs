use std::collections::BTreeMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, FieldDefinition, TypeKind, TypeSystemDefinition};

/// The schema as far as admission must know it: which type each field is of.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    types: BTreeMap<String, BTreeMap<String, Returned>>,
}

/// What a field returns.
#[derive(Debug, Clone)]
pub(crate) struct Returned {
    /// The named type.
    pub named: String,
    /// Whether it is a list of that.
    pub is_list: bool,
    /// Whether its size is asked for by an argument `limit`.
    pub is_paged: bool,
}

impl Outline {
    /// Read from the schema definition language. What cannot be read has no fields, and so all are denied.
    pub(crate) fn of(sdl: &str) -> Self {
        let document = match parse_schema(sdl) {
            Ok(document) => document,
            Err(error) => {
                tracing::error!(%error, "the schema cannot be read");
                return Self::default();
            }
        };
        let mut outline = Self::default();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node.to_string();
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => continue,
            };
            let fields = fields.into_iter().map(|field| returned(field.node)).collect();
            outline.types.insert(name, fields);
        }
        outline
    }

    /// What a field of a type returns.
    pub(crate) fn field(&self, parent: &str, name: &str) -> Option<&Returned> {
        self.types.get(parent)?.get(name)
    }

    /// Whether it is a type with fields.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.types.contains_key(name)
    }

    /// Every field there is, after its type.
    #[cfg(test)]
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.types
            .iter()
            .flat_map(|(name, fields)| fields.keys().map(move |field| (name.as_str(), field.as_str())))
    }
}

fn returned(field: FieldDefinition) -> (String, Returned) {
    let is_paged = field.arguments.iter().any(|argument| argument.node.name.node == "limit");
    let (mut base, mut is_list) = (&field.ty.node.base, false);
    let named = loop {
        match base {
            BaseType::Named(name) => break name.to_string(),
            BaseType::List(inner) => (base, is_list) = (&inner.base, true),
        }
    };
    (field.name.node.to_string(), Returned { named, is_list, is_paged })
}
