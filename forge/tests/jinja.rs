//! What Jinja2 itself prints, snippet by snippet; `jinja/generate.py` asks it. Where this engine prints something
//! else, the snippet says why, and what it prints instead.

#![allow(clippy::panic, reason = "a test that cannot read its cases fails")]

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};
use skafu_forge::template::{Chance, Style, render_text};

/// A leap day, with a fraction; what the expected texts were made at.
const CHANCE: Chance = Chance { now: 1_709_211_907_012_345, seed: 1 };

/// What fails prints nothing.
type Printed = Option<String>;

fn printed(case: &Value, context: &Map<String, Value>) -> Printed {
    let empty = Map::new();
    let (style, problems) = Style::from_options(case["options"].as_object().unwrap_or(&empty));
    assert!(problems.is_empty(), "{problems:?}");
    let files = case["files"].as_object().unwrap_or(&empty).iter();
    let files: BTreeMap<String, String> =
        files.map(|(name, text)| (name.clone(), text.as_str().unwrap_or_default().to_owned())).collect();
    render_text(case["template"].as_str().unwrap_or_default(), context, files, style, CHANCE).ok()
}

fn text(case: &Value, name: &str) -> Printed {
    case[name].as_str().map(str::to_owned)
}

/// Every snippet of one theme.
fn check(theme: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/jinja").join(theme).with_extension("json");
    let group = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let group: Value = serde_json::from_str(&group).unwrap_or_else(|error| panic!("{theme}: {error}"));
    let context = group["context"].as_object().unwrap_or_else(|| panic!("{theme} has no context"));
    let cases = group["cases"].as_array().unwrap_or_else(|| panic!("{theme} has no cases"));
    assert!(!cases.is_empty());
    let mut wrong = Vec::new();
    for case in cases {
        let ours = printed(case, context);
        let differs = case.get("reason").is_some();
        let expected = if differs { text(case, "ours") } else { text(case, "expected") };
        if ours != expected {
            wrong.push(format!("{case}\n    prints {ours:?}"));
        }
        assert!(!differs || text(case, "ours") != text(case, "expected"), "no difference is left: {case}");
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

macro_rules! themes {
    ($($name:ident: $theme:literal,)*) => {
        $(#[test]
        fn $name() {
            check($theme);
        })*
    };
}

themes! {
    values_print_as_in_python: "printing",
    operators_calculate_and_compare_as_in_python: "operators",
    texts_have_the_methods_of_python: "strings",
    lists_and_dictionaries_have_the_methods_of_python: "containers",
    filters_are_those_of_jinja: "filters",
    tests_are_those_of_jinja: "tests",
    what_is_undefined_fails_where_it_is_used: "undefined",
    statements_are_those_of_jinja: "statements",
    white_space_is_cut_as_by_jinja: "whitespace",
    delimiters_can_be_changed: "delimiters",
    templates_include_import_and_extend_others: "templates",
    names_are_seen_where_jinja_sees_them: "scoping",
    extensions_are_those_of_cookiecutter: "extensions",
    the_time_is_told_as_by_cookiecutter: "now",
}
