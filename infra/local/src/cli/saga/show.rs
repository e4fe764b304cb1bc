use std::fmt::{self, Write};
use std::io;
use std::process::ExitCode;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::desk::Desk;
use super::standing::Standing;
use super::steps::{Told, ToldStep, told};
use super::way_out::way_out;
use super::{creation::Trouble, plain};
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::store::print;
use crate::system::{SagaError, StepState};

/// Prints one creation with all that is known of it.
pub(super) async fn run(global: &Global, desk: &Desk, standing: &Standing) -> Result<ExitCode, Failure> {
    let executions = told(&*desk.events, standing).await?;
    let way_out = way_out(desk, standing);
    let text = if global.json {
        let row = standing.row();
        let mut answer = row.answer();
        let message = row.trouble.as_ref().map(|trouble| &trouble.message);
        answer.insert("message".to_owned(), json!(message));
        answer.insert("repository".to_owned(), json!(location(standing)));
        answer.insert("wayOut".to_owned(), json!(way_out));
        answer.insert("executions".to_owned(), json!(executions));
        Value::Object(answer).to_string()
    } else {
        text(standing, &way_out, &executions).map_err(io::Error::other)?
    };
    print(&text, ExitCode::SUCCESS)
}

fn location(standing: &Standing) -> Option<&str> {
    standing.creation.project.repository.as_ref().map(|repository| repository.location.as_str())
}

fn text(standing: &Standing, way_out: &str, executions: &[Told]) -> Result<String, fmt::Error> {
    let mut text = String::new();
    let row = standing.row();
    writeln!(text, "{}  {}", row.stream, plain(&row.name))?;
    writeln!(text, "{} since {}, attempt {}", row.status.word(), row.since, row.attempt)?;
    if let Some(Trouble { step, code, message }) = &row.trouble {
        let step = step.as_deref().unwrap_or("failed");
        writeln!(text, "{}: {}: {}", plain(step), plain(code), plain(message))?;
    }
    if let Some(location) = location(standing) {
        writeln!(text, "repository {}", plain(location))?;
    }
    writeln!(text, "{way_out}")?;
    for execution in executions {
        tell(&mut text, execution)?;
    }
    Ok(text)
}

fn tell(text: &mut String, execution: &Told) -> fmt::Result {
    write!(text, "\n{}  ", plain(&execution.name))?;
    match &execution.status {
        Some(status) => write!(text, "{}", json!(status).as_str().unwrap_or_default())?,
        None => write!(text, "as far as events tell")?,
    }
    if let Some(started) = execution.started_at {
        write!(text, "  {}", time(started))?;
    }
    if let Some(stopped) = execution.stopped_at {
        write!(text, " to {}", time(stopped))?;
    }
    writeln!(text)?;
    for step in &execution.steps {
        tell_step(text, step)?;
    }
    match &execution.error {
        Some(SagaError { name, message }) => writeln!(text, "  {}: {}", plain(name), plain(message)),
        None => Ok(()),
    }
}

fn tell_step(text: &mut String, step: &ToldStep) -> fmt::Result {
    let state = match step.state {
        StepState::Running => "running",
        StepState::Succeeded => "succeeded",
        StepState::Failed => "failed",
        StepState::Stopped => "stopped",
    };
    write!(text, "  {:<20}  {state:<9}  {}", plain(&step.name), time(step.began_at))?;
    if let Some(ended) = step.ended_at {
        write!(text, "  {} ms", (ended - step.began_at).num_milliseconds())?;
    }
    match step.tries {
        None | Some(0 | 1) => {}
        Some(tries) => write!(text, "  {tries} tries")?,
    }
    if let Some(output) = &step.output {
        write!(text, "  {}", plain(output))?;
    }
    writeln!(text)?;
    match &step.error {
        Some(SagaError { name, message }) => writeln!(text, "    {}: {}", plain(name), plain(message)),
        None => Ok(()),
    }
}

fn time(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}
