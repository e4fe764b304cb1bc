use std::collections::HashMap;

use skafu_events::{Commit, RecordedEvent, event_id};
use skafu_store::DecodeError;
use uuid::Uuid;

use super::report::{Code, Finding, Report, StrangeId};
use crate::cli::aggregate::State;
use crate::cli::failure::chain;
use crate::cli::store::read::{Item, Position};

/// The check of one stream, commit after commit.
pub(super) struct StreamCheck {
    /// The key of the last item.
    last: Position,
    has_payloads: bool,
    /// The version of the last event; none after a commit that could not be read.
    head: Option<u64>,
    /// The state so far; none once something is missing from it.
    state: Option<State>,
    /// Commands accepted, by whom, and where.
    commands: HashMap<(Uuid, String), u64>,
    /// Of this stream alone.
    report: Report,
}

impl StreamCheck {
    /// The check of the stream that item is of.
    pub(super) fn new(first: &Position, has_payloads: bool) -> Self {
        Self {
            last: first.clone(),
            has_payloads,
            head: Some(0),
            state: first
                .partition
                .parse()
                .ok()
                .map(|stream: skafu_events::StreamId| State::new(stream.kind())),
            commands: HashMap::new(),
            report: Report { streams: 1, ..Report::default() },
        }
    }

    /// Whether the item belongs to this stream.
    pub(super) fn is(&self, item: &Position) -> bool {
        self.last.partition == item.partition
    }

    /// Checks the stream's next item.
    pub(super) fn add(&mut self, item: Item) {
        self.last = item.key;
        self.report.commits += 1;
        match item.commit {
            Ok(commit) => self.commit(&commit),
            Err(error) => self.unreadable(&error),
        }
    }

    /// Reports the stream as a whole; the key of its last item.
    pub(super) fn end(mut self, report: &mut Report) -> Position {
        if self.state.as_ref().is_some_and(|state| !state.exists()) {
            self.find(1, Code::NeverCreated, "no event of the stream creates the aggregate");
        }
        report.streams += self.report.streams;
        report.commits += self.report.commits;
        report.events += self.report.events;
        report.payloads_not_read += self.report.payloads_not_read;
        report.findings.append(&mut self.report.findings);
        report.strange_ids.append(&mut self.report.strange_ids);
        self.last
    }

    fn unreadable(&mut self, error: &DecodeError) {
        let version = self.last.version().unwrap_or_default();
        self.find(version, Code::UnreadableCommit, format!("the commit cannot be read: {}", chain(error)));
        // How many events it has is unknown, so nothing can be said about what comes next.
        self.head = None;
        self.state = None;
    }

    fn commit(&mut self, commit: &Commit) {
        self.contiguous(commit);
        let command = (commit.command_id, commit.user_id.clone());
        if let Some(earlier) = self.commands.insert(command, commit.first_version) {
            let message =
                format!("the command {} was accepted before, at version {earlier}", commit.command_id);
            self.find(commit.first_version, Code::DuplicateCommand, message);
        }
        for (event, version) in commit.events.iter().zip(commit.first_version..) {
            self.report.events += 1;
            self.id(commit, event, version);
            self.content(event, version);
        }
        self.head = Some(commit.last_version());
    }

    fn contiguous(&mut self, commit: &Commit) {
        let Some(head) = self.head else { return };
        let (wanted, first) = (head + 1, commit.first_version);
        if first > wanted {
            let message = match first - 1 {
                last if last == wanted => format!("version {wanted} is missing"),
                last => format!("versions {wanted} to {last} are missing"),
            };
            self.find(wanted, Code::Gap, message);
        } else if first < wanted {
            self.find(first, Code::Overlap, format!("the commit before reaches to version {head} already"));
        }
        if first != wanted {
            self.state = None;
        }
    }

    fn id(&mut self, commit: &Commit, event: &RecordedEvent, version: u64) {
        let wanted = event_id(&commit.stream, version);
        if event.event_id != wanted {
            let message = format!("the event's id is {}, not {wanted}", event.event_id);
            self.find(version, Code::WrongEventId, message);
            let stream = self.last.partition.clone();
            self.report.strange_ids.push(StrangeId { event_id: event.event_id, stream, version });
        }
    }

    /// Reads the event as the functions would, even where the state is not worth keeping any more.
    fn content(&mut self, event: &RecordedEvent, version: u64) {
        if let Some(reference) = &event.data_ref {
            if self.has_payloads {
                let message = format!("the payload {} is missing or damaged", reference.sha256);
                self.find(version, Code::PayloadMissing, message);
            } else {
                self.report.payloads_not_read += 1;
            }
            self.state = None;
            return;
        }
        let Ok(stream) = self.last.partition.parse::<skafu_events::StreamId>() else { return };
        let mut scratch = State::new(stream.kind());
        if let Err(error) = self.state.as_mut().unwrap_or(&mut scratch).apply(event) {
            self.find(version, Code::UnreadableEvent, chain(&error));
            self.state = None;
        }
    }

    fn find(&mut self, version: u64, code: Code, message: impl Into<String>) {
        let (stream, message) = (self.last.partition.clone(), message.into());
        self.report.findings.push(Finding { stream, version, code, message });
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
