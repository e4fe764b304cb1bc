use std::fmt::Write;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// What is wrong at one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Finding {
    /// The stream's key as it stands in the table.
    pub stream: String,
    /// The version it is about.
    pub version: u64,
    /// A stable name for programs.
    pub code: Code,
    /// What is wrong, for people.
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Code {
    /// Versions are missing.
    Gap,
    /// Versions are there twice.
    Overlap,
    /// The item is no commit, or its versions do not fit its events.
    UnreadableCommit,
    /// This code cannot read the event.
    UnreadableEvent,
    /// The payload kept outside is gone, or is another.
    PayloadMissing,
    /// The event's id is not the one its place gives it.
    WrongEventId,
    /// Another event has the id too.
    DuplicateEventId,
    /// A command was accepted twice.
    DuplicateCommand,
    /// The events do not make an aggregate that exists.
    NeverCreated,
}

/// An event with an id of its own. Ids that are as they should be cannot be those of two events, so
/// these alone must be looked for elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StrangeId {
    pub event_id: Uuid,
    pub stream: String,
    pub version: u64,
}

/// What was checked, and what is wrong with it.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    pub streams: u64,
    pub commits: u64,
    pub events: u64,
    /// Events whose payloads are kept where this command does not reach.
    pub payloads_not_read: u64,
    pub findings: Vec<Finding>,
    pub strange_ids: Vec<StrangeId>,
}

impl Report {
    /// With the findings of each stream together, in order.
    pub(super) fn sorted(mut self) -> Self {
        self.findings.sort();
        self
    }

    /// For programs.
    pub(super) fn answer(&self) -> Value {
        json!({
            "streams": self.streams,
            "commits": self.commits,
            "events": self.events,
            "payloadsNotRead": self.payloads_not_read,
            "findings": self.findings,
        })
    }

    /// For people: one line for each finding, and one for all.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        for Finding { stream, version, message, .. } in &self.findings {
            let _ = writeln!(text, "{stream} version {version}: {message}");
        }
        let Self { streams, commits, events, payloads_not_read, .. } = self;
        if *payloads_not_read > 0 {
            let _ = writeln!(text, "{payloads_not_read} payloads are kept outside and were not read");
        }
        let found = match self.findings.len() {
            0 => "nothing is wrong".to_owned(),
            1 => "1 finding".to_owned(),
            many => format!("{many} findings"),
        };
        let _ = writeln!(text, "{streams} streams, {commits} commits, {events} events checked: {found}");
        text
    }
}
