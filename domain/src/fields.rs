use serde_json::{Map, Value};

/// An object's leaves by their dotted paths: `{"a": {"b": 1}}` is `a.b` = 1. Lists are leaves.
pub fn flatten(object: &Map<String, Value>) -> Map<String, Value> {
    let mut flat = Map::new();
    for (name, value) in object {
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                flat.extend(
                    flatten(inner).into_iter().map(|(rest, value)| (format!("{name}.{rest}"), value)),
                );
            }
            other => drop(flat.insert(name.clone(), other.clone())),
        }
    }
    flat
}

/// The fields in which two states differ, sorted.
pub fn changed(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let mut names: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
    names.sort();
    names.dedup();
    names.retain(|name| before.get(name) != after.get(name));
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn fields_are_named_by_their_paths_and_compared_by_value() {
        let before = flatten(&object(json!({ "a": 1, "b": { "c": [1], "d": null }, "e": {} })));
        assert_eq!(before.keys().collect::<Vec<_>>(), ["a", "b.c", "b.d", "e"]);
        let after = flatten(&object(json!({ "a": 1, "b": { "c": [1, 2], "d": null }, "f": 0 })));
        assert_eq!(changed(&before, &after), ["b.c", "e", "f"]);
        assert_eq!(changed(&before, &before), Vec::<String>::new());
    }
}
