//! Renders snippets as cookiecutter would: one JSON object a line in, one a line out.
//!
//!     echo '{"template": "{{ a }}", "context": {"a": 1}}' | cargo run -p skafu-forge --example jinja

use std::io::{self, BufRead, Write};

use serde_json::{Map, Value, json};
use skafu_forge::template::{Chance, Style, render_text};

/// A leap day, with a fraction; what the expected texts were made at.
const CHANCE: Chance = Chance { now: 1_709_211_907_012_345, seed: 1 };

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let case: Value = serde_json::from_str(&line?)?;
        writeln!(out, "{}", answer(&case))?;
    }
    Ok(())
}

fn answer(case: &Value) -> Value {
    let empty = Map::new();
    let object = |name: &str| case[name].as_object().unwrap_or(&empty);
    let (style, problems) = Style::from_options(object("options"));
    if !problems.is_empty() {
        return json!({"error": problems.join("; ")});
    }
    let files = object("files").iter();
    let files = files.filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned()))).collect();
    match render_text(case["template"].as_str().unwrap_or_default(), object("context"), files, style, CHANCE)
    {
        Ok(output) => json!({"output": output}),
        Err(error) => json!({"error": error.to_string()}),
    }
}
