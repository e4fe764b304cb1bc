//! The journal in the embedded cloud's database: executions survive a restart and a kill.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Params, Row, Transaction, params};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Journal, JournalError};
use crate::{
    cloud_db::{CloudDb, CloudDbError, from_micros, to_micros},
    states::execution::{Checkpoint, Execution, HistoryEvent, NewEvent, Outcome, Status},
};

type Result<T> = std::result::Result<T, JournalError>;

/// A journal on disk.
#[derive(Debug, Clone)]
pub struct SqliteJournal(CloudDb);

impl SqliteJournal {
    /// The journal of this database.
    pub fn new(db: CloudDb) -> Self {
        Self(db)
    }
}

impl Journal for SqliteJournal {
    fn begin(&self, new: &Execution, first: &Checkpoint, events: &[NewEvent]) -> Result<bool> {
        self.0.transaction(|tx| {
            let sql =
                "INSERT INTO execution (name, machine, input, status, started_at, checkpoint, last_event)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0) ON CONFLICT (name) DO NOTHING";
            let values = params![
                new.name,
                new.machine,
                new.input.to_string(),
                word(new.status)?,
                to_micros(new.started_at),
                to_text(first)?,
            ];
            let is_new = tx.prepare_cached(sql)?.execute(values)? > 0;
            if is_new {
                append(tx, &new.name, events)?;
            }
            Ok(is_new)
        })
    }

    fn record(&self, name: &str, checkpoint: Option<&Checkpoint>, events: &[NewEvent]) -> Result<u64> {
        self.0.transaction(|tx| {
            if let Some(checkpoint) = checkpoint {
                let sql = "UPDATE execution SET checkpoint = ?2 WHERE name = ?1 AND status = 'RUNNING'";
                tx.prepare_cached(sql)?.execute(params![name, to_text(checkpoint)?])?;
            }
            append(tx, name, events)
        })
    }

    fn finish(&self, name: &str, outcome: &Outcome, at: DateTime<Utc>, events: &[NewEvent]) -> Result<u64> {
        self.0.transaction(|tx| {
            let last_event = append(tx, name, events)?;
            let sql =
                "UPDATE execution SET status = ?2, output = ?3, error = ?4, cause = ?5, stopped_at = ?6,
                              checkpoint = NULL
                       WHERE name = ?1";
            let output = outcome.as_result().ok().map(Value::to_string);
            let failure = outcome.as_result().err();
            let error = failure.map(|failure| failure.error.as_str());
            let cause = failure.map(|failure| failure.cause.as_str());
            let status = word(outcome.status())?;
            let values = params![name, status, output, error, cause, to_micros(at)];
            tx.prepare_cached(sql)?.execute(values)?;
            Ok(last_event)
        })
    }

    fn describe(&self, name: &str) -> Result<Option<Execution>> {
        let found = self.0.transaction(|tx| select(tx, "WHERE name = ?1", [name]));
        Ok(found?.into_iter().next())
    }

    fn checkpoint(&self, name: &str) -> Result<Option<Checkpoint>> {
        let sql = "SELECT checkpoint FROM execution WHERE name = ?1 AND status = 'RUNNING'";
        let text: Option<String> = self.0.transaction(|tx| {
            Ok::<_, JournalError>(tx.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?)
        })?;
        text.map(|text| from_text(&text, "checkpoint")).transpose()
    }

    fn running(&self) -> Result<Vec<Execution>> {
        self.0.transaction(|tx| select(tx, "WHERE status = 'RUNNING' ORDER BY seq", []))
    }

    fn history(&self, name: &str, after: u64) -> Result<Vec<HistoryEvent>> {
        self.0.transaction(|tx| {
            let mut statement = tx.prepare_cached(
                "SELECT id, at, kind, state, detail FROM execution_event
                 WHERE execution = ?1 AND id > ?2 ORDER BY id",
            )?;
            let after = i64::try_from(after).unwrap_or(i64::MAX);
            statement.query_and_then(params![name, after], event)?.collect()
        })
    }

    fn list(&self, limit: usize) -> Result<Vec<Execution>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.0.transaction(|tx| select(tx, "ORDER BY seq DESC LIMIT ?1", [limit]))
    }

    fn named(&self, prefix: &str) -> Result<Vec<Execution>> {
        // A range, for which the index of the names serves: the bound comes after every name that begins so.
        let bound = format!("{prefix}{}", char::MAX);
        let rest = "WHERE name >= ?1 AND name < ?2 ORDER BY seq";
        self.0.transaction(|tx| select(tx, rest, [prefix, &bound]))
    }
}

/// Fails if the execution is not running.
fn append(tx: &Transaction<'_>, name: &str, events: &[NewEvent]) -> Result<u64> {
    let sql = "UPDATE execution SET last_event = last_event + ?2 WHERE name = ?1 AND status = 'RUNNING'
               RETURNING last_event";
    let values = params![name, events.len()];
    let last: Option<u64> = tx.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?;
    let last = last.ok_or_else(|| JournalError::NotRunning(name.to_owned()))?;
    let mut insert = tx.prepare_cached("INSERT INTO execution_event VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    let first = last + 1 - events.len() as u64;
    for (id, event) in (first..).zip(events) {
        let NewEvent { timestamp, kind, state, detail } = event;
        insert.execute(params![name, id, to_micros(*timestamp), word(kind)?, state, detail.to_string()])?;
    }
    Ok(last)
}

fn select(tx: &Transaction<'_>, rest: &str, values: impl Params) -> Result<Vec<Execution>> {
    let mut statement = tx.prepare_cached(&format!("SELECT * FROM execution {rest}"))?;
    statement.query_and_then(values, execution)?.collect()
}

fn execution(row: &Row<'_>) -> Result<Execution> {
    let output: Option<String> = row.get("output")?;
    let stopped_at: Option<i64> = row.get("stopped_at")?;
    let status: Status = from_word(row.get("status")?, "status")?;
    Ok(Execution {
        name: row.get("name")?,
        machine: row.get("machine")?,
        input: from_text(&row.get::<_, String>("input")?, "input")?,
        status,
        output: output.map(|output| from_text(&output, "output")).transpose()?,
        error: row.get("error")?,
        cause: row.get("cause")?,
        started_at: from_micros(row.get("started_at")?)?,
        stopped_at: stopped_at.map(from_micros).transpose()?,
    })
}

fn event(row: &Row<'_>) -> Result<HistoryEvent> {
    Ok(HistoryEvent {
        id: row.get("id")?,
        timestamp: from_micros(row.get("at")?)?,
        kind: from_word(row.get("kind")?, "kind of event")?,
        state: row.get("state")?,
        detail: from_text(&row.get::<_, String>("detail")?, "event")?,
    })
}

fn to_text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|_| CloudDbError::Unreadable { what: "checkpoint" }.into())
}

fn from_text<T: DeserializeOwned>(text: &str, what: &'static str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| CloudDbError::Unreadable { what }.into())
}

/// The serialised name of an enum's variant, without quotes.
fn word(value: impl Serialize) -> Result<String> {
    let name = serde_json::to_value(value).ok().and_then(|name| name.as_str().map(str::to_owned));
    name.ok_or_else(|| CloudDbError::Unreadable { what: "word" }.into())
}

fn from_word<T: DeserializeOwned>(word: String, what: &'static str) -> Result<T> {
    serde_json::from_value(Value::String(word)).map_err(|_| CloudDbError::Unreadable { what }.into())
}
