use std::fmt::Write;
use std::io;
use std::process::ExitCode;

use serde_json::{Value, json};
use skafu_store::History;

use super::args::ShowArgs;
use super::subject::{identity, state};
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::store::print;

/// Prints the state at one moment, and what led to it.
pub(super) fn run(global: &Global, args: &ShowArgs, history: &History) -> Result<ExitCode, Failure> {
    let version = args.at.map_or(Ok(history.version()), |at| at.version(history))?;
    if version == 0 {
        let first = history.commits().first().map(|commit| commit.timestamp.to_string());
        let message = format!(
            "{} did not exist then: its first event is of {}",
            history.stream(),
            first.unwrap_or_default()
        );
        return Err(Failure::new("NO_SUCH_VERSION", message));
    }
    let state = state(history, version)?;
    let text = if global.json {
        let mut answer = identity(history.stream());
        answer.insert("version".to_owned(), json!(version));
        answer.insert("currentVersion".to_owned(), json!(history.version()));
        answer.insert("state".to_owned(), state);
        answer.insert("events".to_owned(), events(history, version).collect());
        Value::Object(answer).to_string()
    } else {
        text(history, version, &state).map_err(io::Error::other)?
    };
    print(&text, ExitCode::SUCCESS)
}

/// The events up to that version.
fn events(history: &History, version: u64) -> impl Iterator<Item = Value> {
    let envelopes = history.commits().iter().flat_map(|commit| commit.envelopes());
    envelopes.take_while(move |envelope| envelope.aggregate_version <= version).map(|envelope| {
        json!({
            "version": envelope.aggregate_version,
            "timestamp": envelope.timestamp,
            "eventType": envelope.event_type,
            "userId": envelope.metadata.user_id,
            "eventId": envelope.event_id,
            "commandId": envelope.causation_id,
        })
    })
}

fn text(history: &History, version: u64, state: &Value) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(text, "{}", history.stream())?;
    writeln!(text, "version {version} of {}", history.version())?;
    writeln!(text, "\n{state:#}\n")?;
    writeln!(text, "{version} event{}", if version == 1 { "" } else { "s" })?;
    for event in events(history, version) {
        let field = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        // A JSON value knows no width.
        let (version, time) = (event["version"].to_string(), field("timestamp"));
        writeln!(text, "{version:>5}  {time}  {:<28}  {}", field("eventType"), field("userId"))?;
    }
    Ok(text)
}
