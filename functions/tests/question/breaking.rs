//! What clients rely on: nothing they may have been built with is taken away. `graphql/released.graphql` is the schema
//! as it was last given out; a change that breaks it is made on purpose, by writing that file anew.

use std::collections::BTreeMap;
use std::path::Path;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{InputValueDefinition, Type, TypeKind, TypeSystemDefinition};
use async_graphql::{Name, Positioned};

/// What a schema offers, by the paths of its parts (`Project.name`), and what each part is.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// A type, with its kind.
    Type(&'static str),
    /// A field of an output type.
    Output(String),
    /// An argument or a field of an input type; whether it must be given.
    Input(String, bool),
    /// A value, a member, an interface that is implemented.
    Member,
}

fn parts(schema: &str) -> BTreeMap<String, Part> {
    let mut parts = BTreeMap::new();
    for definition in parse_schema(schema).unwrap().definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.as_str();
        let members = |parts: &mut BTreeMap<String, Part>, members: Vec<Positioned<Name>>| {
            parts.extend(members.iter().map(|it| (format!("{name}.{}", it.node), Part::Member)));
        };
        let kind = match definition.node.kind {
            TypeKind::Scalar => "scalar",
            TypeKind::Object(object) => {
                members(&mut parts, object.implements);
                fields(&mut parts, name, object.fields);
                "object"
            }
            TypeKind::Interface(interface) => {
                members(&mut parts, interface.implements);
                fields(&mut parts, name, interface.fields);
                "interface"
            }
            TypeKind::Union(union) => {
                members(&mut parts, union.members);
                "union"
            }
            TypeKind::Enum(it) => {
                parts.extend(
                    it.values.iter().map(|it| (format!("{name}.{}", it.node.value.node), Part::Member)),
                );
                "enum"
            }
            TypeKind::InputObject(input) => {
                inputs(&mut parts, name, &input.fields);
                "input"
            }
        };
        parts.insert(name.to_owned(), Part::Type(kind));
    }
    parts
}

fn fields(
    parts: &mut BTreeMap<String, Part>,
    name: &str,
    fields: Vec<Positioned<async_graphql::parser::types::FieldDefinition>>,
) {
    for field in fields {
        let path = format!("{name}.{}", field.node.name.node);
        inputs(parts, &path, &field.node.arguments);
        parts.insert(path, Part::Output(field.node.ty.node.to_string()));
    }
}

fn inputs(parts: &mut BTreeMap<String, Part>, name: &str, inputs: &[Positioned<InputValueDefinition>]) {
    for input in inputs {
        let must = !input.node.ty.node.nullable && input.node.default_value.is_none();
        let part = Part::Input(input.node.ty.node.to_string(), must);
        parts.insert(format!("{name}({})", input.node.name.node), part);
    }
}

/// Whether whoever reads `old` can read `new`: it may become certain to be there.
fn reads(old: &str, new: &str) -> bool {
    narrows(&Type::new(old).unwrap(), &Type::new(new).unwrap())
}

fn narrows(wide: &Type, narrow: &Type) -> bool {
    use async_graphql::parser::types::BaseType::{List, Named};
    let base = match (&wide.base, &narrow.base) {
        (Named(wide), Named(narrow)) => wide == narrow,
        (List(wide), List(narrow)) => narrows(wide, narrow),
        _ => false,
    };
    base && (wide.nullable || !narrow.nullable)
}

/// What of the old schema no longer holds in the new one.
fn breaking(old: &str, new: &str) -> Vec<String> {
    let (old, new) = (parts(old), parts(new));
    let gone = old.iter().filter_map(|(path, was)| match (was, new.get(path)) {
        (_, None) => Some(format!("{path} is gone")),
        (Part::Output(was), Some(Part::Output(is))) if reads(was, is) => None,
        // What was sent until now must still be taken.
        (Part::Input(was, had_to), Some(Part::Input(is, must))) if reads(is, was) && (*had_to || !must) => {
            None
        }
        (was, Some(is)) => (was != is).then(|| format!("{path} was {was:?} and is {is:?}")),
    });
    let wanted = new.iter().filter_map(|(path, is)| {
        let parent = path.rsplit_once('(').map_or("", |(parent, _)| parent);
        let asks = matches!(is, Part::Input(_, true)) && !old.contains_key(path) && old.contains_key(parent);
        asks.then(|| format!("{path} must be given"))
    });
    gone.chain(wanted).collect()
}

#[test]
fn what_breaks_a_client_is_told_and_what_does_not_is_not() {
    let old = "type Query { a(x: Int, y: Int! = 1): T u: U e: E } type T implements I { id: ID! name: String } \
        interface I { id: ID! } union U = T | V type V { v: [Int] } enum E { ONE TWO } input P { q: Int! r: Int }";
    let cases: [(&str, &str, &[&str]); 14] = [
        ("", "", &[]),
        ("name: String", "name: String!", &[]),
        ("v: [Int]", "v: [Int!]!", &[]),
        ("q: Int!", "q: Int", &[]),
        ("enum E { ONE TWO }", "enum E { ONE TWO THREE }", &[]),
        ("a(x: Int,", "a(x: Int, z: Int,", &[]),
        ("id: ID! name: String", "id: ID!", &["T.name is gone"]),
        ("a(x: Int,", "a(", &["Query.a(x) is gone"]),
        ("a(x: Int,", "a(x: Int, z: Int!,", &["Query.a(z) must be given"]),
        ("r: Int", "r: Int s: Int!", &["P(s) must be given"]),
        ("union U = T | V", "union U = T", &["U.V is gone"]),
        ("type T implements I", "type T", &["T.I is gone"]),
        ("enum E { ONE TWO }", "enum E { ONE }", &["E.TWO is gone"]),
        ("input P {", "input P { t: Int } input Z {", &["P(q) is gone", "P(r) is gone"]),
    ];
    for (from, to, expected) in cases {
        assert_eq!(breaking(old, &old.replacen(from, to, 1)), expected, "{from} -> {to}");
    }
    for (from, to) in [
        ("id: ID! name", "id: ID name"),
        ("r: Int", "r: Int!"),
        ("v: [Int]", "v: Int"),
        ("type V", "input V"),
    ] {
        assert_eq!(
            breaking(old, &old.replacen(from, to, 1)).len(),
            if to == "input V" { 2 } else { 1 },
            "{from} -> {to}"
        );
    }
}

#[test]
fn the_schema_breaks_nothing_that_was_given_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../graphql");
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    let schema = read("schema.graphql");
    if std::env::var_os("SKAFU_RELEASE").is_some() {
        std::fs::write(folder.join("released.graphql"), &schema).unwrap();
    }
    let broken = breaking(&read("released.graphql"), &schema);
    let anew = "SKAFU_RELEASE=1 cargo test --workspace --test question breaking";
    assert_eq!(broken, [""; 0], "clients would fail; if it must be, say so in CHANGELOG.md and run `{anew}`");
}
