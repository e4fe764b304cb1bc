use std::fmt::Write;
use std::process::ExitCode;

use serde_json::json;

use super::args::RedriveArgs;
use super::letters::Letters;
use super::list::messages;
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::store::print;
use crate::system::{Redriven, Served};

/// What to do about messages that came from no queue.
pub(super) const NOWHERE_TO_GO: &str = "\
What no queue gave up cannot be sent back. A record that the stream gave up is still in the event table: \
`skafu store verify` tells whether it can be read. The sweep shows what can be.";

/// Sends messages back. Exit code 1 if any of a queue that was asked for are left.
pub(super) fn run(global: &Global, args: &RedriveArgs, letters: &mut Letters) -> Result<ExitCode, Failure> {
    let mut done = Vec::new();
    match &args.queue {
        Some(queue) => done.push(letters.redrive(queue)?),
        None => {
            let takes_from_queues = |served: &Served| matches!(served, Served::Queue(_));
            for queue in letters.list()?.iter().filter(|queue| queue.serves.iter().any(takes_from_queues)) {
                done.push(letters.redrive(&queue.name)?);
            }
        }
    }
    let text =
        if global.json { json!({ "queues": done }).to_string() } else { text(&done, letters.is_running()) };
    let left = done.iter().any(|queue| queue.left > 0);
    print(&text, if left { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn text(done: &[Redriven], running: bool) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    for Redriven { name, redriven, left } in done {
        let _ = write!(text, "{name}: {} sent back", messages(*redriven));
        let _ = if *left > 0 { writeln!(text, ", {} left", messages(*left)) } else { writeln!(text) };
    }
    if !running && done.iter().any(|queue| queue.redriven > 0) {
        let _ = writeln!(text, "They are handled once the system runs: `skafu dev`");
    }
    if done.iter().any(|queue| queue.left > 0) {
        let _ = writeln!(text, "{NOWHERE_TO_GO}");
    }
    text
}
