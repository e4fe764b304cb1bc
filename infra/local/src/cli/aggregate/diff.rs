use std::fmt::Write;
use std::io;
use std::process::ExitCode;

use serde_json::{Map, Value, json};
use skafu_domain::{changed, flatten};
use skafu_store::History;

use super::args::DiffArgs;
use super::subject::{identity, state};
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::store::print;

/// Prints what differs between two moments.
pub(super) fn run(global: &Global, args: &DiffArgs, history: &History) -> Result<ExitCode, Failure> {
    let (from, to) = (args.from.version(history)?, args.to.version(history)?);
    let (before, after) = (fields(history, from)?, fields(history, to)?);
    let changes: Vec<Change> = changed(&before, &after)
        .into_iter()
        .map(|path| Change { before: before.get(&path).cloned(), after: after.get(&path).cloned(), path })
        .collect();
    let text = if global.json {
        let mut answer = identity(history.stream());
        answer.insert("from".to_owned(), json!(from));
        answer.insert("to".to_owned(), json!(to));
        answer.insert("changes".to_owned(), changes.iter().map(Change::as_json).collect());
        Value::Object(answer).to_string()
    } else {
        text(history, (from, to), &changes).map_err(io::Error::other)?
    };
    print(&text, ExitCode::SUCCESS)
}

/// A field that differs; none where it is not there at all.
struct Change {
    path: String,
    before: Option<Value>,
    after: Option<Value>,
}

impl Change {
    fn as_json(&self) -> Value {
        let mut change = Map::from_iter([("path".to_owned(), json!(self.path))]);
        let sides = [("before", &self.before), ("after", &self.after)];
        change.extend(sides.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))));
        Value::Object(change)
    }
}

/// The state's leaves by path. What is null is as good as not there.
fn fields(history: &History, version: u64) -> Result<Map<String, Value>, Failure> {
    let state = state(history, version)?;
    let mut fields = state.as_object().map(flatten).unwrap_or_default();
    fields.retain(|_, value| !value.is_null());
    Ok(fields)
}

fn text(history: &History, (from, to): (u64, u64), changes: &[Change]) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(text, "{} from version {from} to {to}", history.stream())?;
    if changes.is_empty() {
        writeln!(text, "nothing changed")?;
    }
    for Change { path, before, after } in changes {
        match (before, after) {
            (Some(before), Some(after)) => writeln!(text, "~ {path}: {before} -> {after}")?,
            (None, Some(after)) => writeln!(text, "+ {path}: {after}")?,
            (before, None) => writeln!(text, "- {path}: {}", before.clone().unwrap_or_default())?,
        }
    }
    Ok(text)
}
