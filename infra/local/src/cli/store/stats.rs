use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;
use skafu_events::{Commit, StreamId, Timestamp};

use super::args::SegmentArgs;
use super::output::print;
use super::progress::Progress;
use super::read::{Item, Table};
use super::segments::{Standing, read};
use crate::cli::args::Global;
use crate::cli::failure::Failure;

/// What is in a store.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    streams: u64,
    commits: u64,
    events: u64,
    bytes: u64,
    /// Items of commits that cannot be read; what they hold is in no other number but the bytes.
    unreadable: u64,
    streams_by_kind: BTreeMap<&'static str, u64>,
    events_by_kind: BTreeMap<&'static str, u64>,
    events_by_type: BTreeMap<String, u64>,
    largest_commit: Option<LargestCommit>,
    longest_stream: Option<LongestStream>,
    oldest: Option<Timestamp>,
    newest: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LargestCommit {
    stream: StreamId,
    /// Of its first event.
    version: u64,
    /// As DynamoDB counts them, payloads kept outside not included.
    bytes: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct LongestStream {
    stream: StreamId,
    events: u64,
}

/// Counts what is there.
pub(super) async fn run(
    global: &Global,
    args: &SegmentArgs,
    table: &Arc<Table>,
) -> Result<ExitCode, Failure> {
    let from = vec![Standing::Start; args.segments as usize];
    let (mut progress, mut stats) = (Progress::new(), Stats::default());
    let mut current: Vec<Option<LongestStream>> = vec![None; from.len()];
    read(table, &from, |segment, page| {
        let before = (stats.commits, stats.events);
        for item in page.items {
            stats.add(item, &mut current[segment]);
        }
        progress.add(stats.commits - before.0, stats.events - before.1);
        Ok(())
    })
    .await?;
    for last in current.into_iter().flatten() {
        stats.end(last);
    }
    drop(progress);
    let text =
        if global.json { serde_json::to_string(&stats).map_err(io::Error::from)? } else { stats.text() };
    print(&text, ExitCode::SUCCESS)
}

impl Stats {
    /// Counts one more item of a segment; `current` is the stream that the segment's last one was of.
    fn add(&mut self, item: Item, current: &mut Option<LongestStream>) {
        self.bytes += item.bytes as u64;
        let Ok(commit) = item.commit else {
            self.unreadable += 1;
            return;
        };
        let events = commit.events.len() as u64;
        match current {
            Some(current) if current.stream == commit.stream => current.events += events,
            _ => {
                *self.streams_by_kind.entry(commit.stream.kind().context()).or_default() += 1;
                self.streams += 1;
                let last = current.replace(LongestStream { stream: commit.stream.clone(), events });
                last.into_iter().for_each(|last| self.end(last));
            }
        }
        self.count(&commit, item.bytes);
    }

    fn count(&mut self, commit: &Commit, bytes: usize) {
        let events = commit.events.len() as u64;
        self.commits += 1;
        self.events += events;
        *self.events_by_kind.entry(commit.stream.kind().context()).or_default() += events;
        for event in &commit.events {
            *self.events_by_type.entry(event.event_type.clone()).or_default() += 1;
        }
        if self.largest_commit.as_ref().is_none_or(|largest| largest.bytes < bytes) {
            let (stream, version) = (commit.stream.clone(), commit.first_version);
            self.largest_commit = Some(LargestCommit { stream, version, bytes });
        }
        let time = commit.timestamp;
        self.oldest = Some(self.oldest.map_or(time, |oldest| oldest.min(time)));
        self.newest = Some(self.newest.map_or(time, |newest| newest.max(time)));
    }

    fn end(&mut self, stream: LongestStream) {
        if self.longest_stream.as_ref().is_none_or(|longest| longest.events < stream.events) {
            self.longest_stream = Some(stream);
        }
    }

    fn text(&self) -> String {
        let mut rows: Vec<(String, String)> = Vec::new();
        let mut row = |name: &str, value: String| rows.push((name.to_owned(), value));
        row("streams", self.streams.to_string());
        self.streams_by_kind.iter().for_each(|(kind, count)| row(&format!("  {kind}"), count.to_string()));
        row("commits", self.commits.to_string());
        row("bytes", self.bytes.to_string());
        row("events", self.events.to_string());
        self.events_by_kind.iter().for_each(|(kind, count)| row(&format!("  {kind}"), count.to_string()));
        row("events by type", String::new());
        self.events_by_type.iter().for_each(|(name, count)| row(&format!("  {name}"), count.to_string()));
        if let Some(LargestCommit { stream, version, bytes }) = &self.largest_commit {
            row("largest commit", format!("{bytes} bytes, {stream} version {version}"));
        }
        if let Some(LongestStream { stream, events }) = &self.longest_stream {
            row("longest stream", format!("{events} events, {stream}"));
        }
        self.oldest.iter().for_each(|time| row("oldest", time.to_string()));
        self.newest.iter().for_each(|time| row("newest", time.to_string()));
        if self.unreadable > 0 {
            row("unreadable", format!("{} commits: see `skafu store verify`", self.unreadable));
        }
        let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        rows.iter().fold(String::new(), |mut text, (name, value)| {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}", format!("{name:width$}  {value}").trim_end());
            text
        })
    }
}
