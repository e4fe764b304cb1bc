use std::fmt::Write;
use std::process::ExitCode;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

use super::letters::Letters;
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::store::print;
use crate::system::{DeadLetterQueue, Served};

/// Prints every dead-letter queue. That there are dead letters is no failure.
pub(super) fn run(global: &Global, letters: &mut Letters) -> Result<ExitCode, Failure> {
    let queues = letters.list()?;
    let text = if global.json { json!({ "queues": queues }).to_string() } else { text(&queues) };
    print(&text, ExitCode::SUCCESS)
}

fn text(queues: &[DeadLetterQueue]) -> String {
    let width = queues.iter().map(|queue| queue.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    // Writing to a string does not fail.
    for queue in queues {
        let _ = writeln!(text, "{:<width$}  {}; {}", queue.name, holds(queue), serves(queue));
    }
    if queues.iter().all(|queue| queue.messages == 0) {
        let _ = writeln!(text, "no message was given up");
    } else {
        let _ = writeln!(
            text,
            "`skafu dlq show QUEUE` prints messages, `skafu dlq redrive QUEUE` sends them back"
        );
    }
    text
}

/// `3 messages, the oldest of 2026-…`.
pub(super) fn holds(queue: &DeadLetterQueue) -> String {
    match queue.oldest_sent_at {
        Some(oldest) => format!("{}, the oldest of {}", messages(queue.messages), time(oldest)),
        None => "empty".to_owned(),
    }
}

/// `takes what skafu-saga gives up`.
pub(super) fn serves(queue: &DeadLetterQueue) -> String {
    let name = |served: &Served| match served {
        Served::Queue(queue) => queue.clone(),
        Served::Stream(table) => format!("the stream of {table}"),
    };
    let names: Vec<_> = queue.serves.iter().map(name).collect();
    format!("takes what {} gives up", names.join(" or "))
}

/// `1 message`, `2 messages`.
pub(super) fn messages(number: u64) -> String {
    if number == 1 { "1 message".to_owned() } else { format!("{number} messages") }
}

/// As the API writes times.
pub(super) fn time(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}
