//! A creation as it stands: what its events tell, and whether anybody carries it on.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use skafu_events::{StreamId, Timestamp};
use skafu_functions::saga::{SagaInput, due};
use skafu_store::{Consistency, History};

use super::creation::{Creation, Status, Trouble};
use super::desk::Desk;
use crate::cli::failure::Failure;
use crate::states;
use crate::system::SagaRun;

/// The executions of an attempt whose own one ended before its time are called so.
const STOPPED: &str = "stopped";

/// One creation, as far as it can be known from here.
pub(super) struct Standing {
    pub creation: Creation,
    /// Its executions; none where only another machine knows them.
    pub runs: Option<Vec<SagaRun>>,
    pub history: History,
    /// How its execution left it, if it looks as if it ran.
    left: Option<Left>,
}

/// An execution that has ended, or is gone, and left what it was at.
struct Left {
    at: Option<DateTime<Utc>>,
    trouble: Trouble,
}

impl Standing {
    /// None if there is no such project.
    pub async fn load(desk: &Desk, stream: &StreamId) -> Result<Option<Self>, Failure> {
        // The journal first: whatever an execution did before it ended is part of the history read after it.
        let mut runs = desk.runs(stream)?;
        let history = desk.events.load(stream, Consistency::Strong).await?;
        let Some(creation) = Creation::of(&history).map_err(|error| {
            Failure::chain("EVENT_UNREADABLE", &error).hint("`skafu store verify` tells all that is wrong")
        })?
        else {
            return Ok(None);
        };
        let mut left = None;
        if creation.status == Status::Running && runs.is_some() {
            left = left_by(&creation, &history, runs.as_deref().unwrap_or_default());
            if left.as_ref().is_some_and(|left| left.at.is_none()) {
                // It may have begun between the two looks.
                runs = desk.runs(stream)?;
                left = left_by(&creation, &history, runs.as_deref().unwrap_or_default());
            }
        }
        Ok(Some(Self { creation, runs, history, left }))
    }

    pub fn status(&self) -> Status {
        if self.left.is_some() { Status::Stuck } else { self.creation.status }
    }

    /// Whether it looks as if it ran, though nobody carries it on.
    pub fn is_left(&self) -> bool {
        self.left.is_some()
    }

    pub fn row(&self) -> Row {
        let left = self.left.as_ref();
        let row = Row::of(&self.creation);
        Row {
            status: self.status(),
            since: left.and_then(|left| left.at).map_or(row.since, Timestamp::from),
            trouble: left.map(|left| left.trouble.clone()).or(row.trouble),
            ..row
        }
    }
}

/// What is told of every creation.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub stream: StreamId,
    pub name: String,
    pub attempt: u32,
    pub status: Status,
    pub since: Timestamp,
    pub trouble: Option<Trouble>,
}

impl Row {
    pub fn of(creation: &Creation) -> Self {
        Self {
            stream: creation.stream.clone(),
            name: creation.name().to_owned(),
            attempt: creation.project.current_attempt(),
            status: creation.status,
            since: creation.since,
            trouble: creation.trouble.clone(),
        }
    }

    /// For programs.
    pub fn answer(&self) -> Map<String, Value> {
        let step = self.trouble.as_ref().and_then(|trouble| trouble.step.as_deref());
        Map::from_iter([
            ("projectId".to_owned(), json!(self.stream.id())),
            ("tenant".to_owned(), json!(self.stream.tenant())),
            ("name".to_owned(), json!(self.name)),
            ("attempt".to_owned(), json!(self.attempt)),
            ("status".to_owned(), json!(self.status)),
            ("failedStep".to_owned(), json!(step)),
            ("errorCode".to_owned(), json!(self.trouble.as_ref().map(|trouble| &trouble.code))),
            ("since".to_owned(), json!(self.since)),
        ])
    }
}

/// Whether the execution that is to carry the creation on has ended, or is gone.
fn left_by(creation: &Creation, history: &History, runs: &[SagaRun]) -> Option<Left> {
    let attempt = creation.project.current_attempt();
    let forward = format!("prj-{}-{attempt}", creation.stream.id());
    let stopped = format!("{forward}-undo-{STOPPED}");
    let of_attempt = |run: &&SagaRun| {
        run.name.strip_prefix(&forward).is_some_and(|rest| rest.is_empty() || rest.starts_with("-undo-"))
    };
    if runs.iter().filter(of_attempt).any(|run| run.status == states::Status::Running) {
        return None;
    }
    let awaited = due(&creation.project, history).map(|input: SagaInput| input.execution_name());
    let expected = awaited.as_deref().unwrap_or(&forward);
    let is_meant = |run: &&SagaRun| run.name == expected || (expected == forward && run.name == stopped);
    match runs.iter().rev().find(is_meant) {
        Some(run) => ended(run),
        // It will be started yet.
        None if awaited.is_some() => None,
        None => Some(Left { at: None, trouble: gone() }),
    }
}

fn ended(run: &SagaRun) -> Option<Left> {
    use states::Status::{Aborted, Failed, Running, Succeeded, TimedOut};
    let code = match run.status {
        Running | Succeeded => return None,
        Failed => "States.Failed",
        TimedOut => "States.Timeout",
        Aborted => "States.Aborted",
    };
    let named = run.error.as_ref().filter(|error| !error.name.is_empty());
    let said = run.error.as_ref().map(|error| error.message.as_str()).filter(|said| !said.is_empty());
    let trouble = Trouble {
        step: run.steps.last().map(|step| step.name.clone()),
        code: named.map_or(code, |error| &error.name).to_owned(),
        message: said.unwrap_or("its execution ended before its time").to_owned(),
    };
    Some(Left { at: run.stopped_at.or(Some(run.started_at)), trouble })
}

fn gone() -> Trouble {
    let (code, message) = ("ExecutionGone", "it has begun, but no execution of it is known on this machine");
    Trouble { step: None, code: code.to_owned(), message: message.to_owned() }
}
