//! Repositories of several cookiecutter templates: which of them is taken where nobody is asked.

use serde_json::{Map, Value};

/// The directory of the first one, if `cookiecutter.json` names any; or what is wrong with it.
pub(super) fn chosen(fields: &Map<String, Value>) -> Option<Result<String, String>> {
    if !fields.contains_key("template") && !fields.contains_key("templates") {
        return None;
    }
    let named = fields.get("templates").and_then(Value::as_object).filter(|templates| !templates.is_empty());
    let path = match named {
        Some(templates) => templates.values().next().and_then(|first| first.get("path")?.as_str()),
        // A title with the path in parentheses, from the first of them to the last.
        None => fields.get("template").and_then(Value::as_array).and_then(|titles| {
            let (_, path) = titles.first()?.as_str()?.split_once('(')?;
            path.rsplit_once(')').map(|(path, _)| path)
        }),
    };
    let path = path.ok_or_else(|| "`templates` or `template` names no path".to_owned());
    Some(
        path.and_then(|path| {
            below(path).ok_or_else(|| format!("the path `{path}` of a template leads outside"))
        }),
    )
}

/// The path without its dots, if it stays inside.
fn below(path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() { None } else { Some(parts.join("/")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_one_is_taken() {
        let outside = |path: &str| Some(Err(format!("the path `{path}` of a template leads outside")));
        for (fields, expected) in [
            (json!({"name": "x"}), None),
            (json!({"templates": {"a": {"path": "./a/b"}, "b": {"path": "b"}}}), Some(Ok("a/b".to_owned()))),
            (
                json!({"template": ["One (thing) (dir/one)", "Two (two)"]}),
                Some(Ok("thing) (dir/one".to_owned())),
            ),
            (json!({"template": ["One (one)"], "templates": {}}), Some(Ok("one".to_owned()))),
            (json!({"templates": {"a": {"path": "../x"}}}), outside("../x")),
            (json!({"templates": {"a": {"path": "/x"}}}), outside("/x")),
            (json!({"template": []}), Some(Err("`templates` or `template` names no path".to_owned()))),
        ] {
            assert_eq!(chosen(fields.as_object().unwrap()), expected, "{fields}");
        }
    }
}
