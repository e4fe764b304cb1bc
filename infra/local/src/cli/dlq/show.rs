use std::fmt::Write;
use std::io;
use std::process::ExitCode;

use super::args::ShowArgs;
use super::letters::Letters;
use super::list::{holds, serves, time};
use super::redrive::NOWHERE_TO_GO;
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::store::print;
use crate::queue::Letter;
use crate::system::DeadLetterPage;

/// Prints the oldest messages of a queue.
pub(super) fn run(global: &Global, args: &ShowArgs, letters: &mut Letters) -> Result<ExitCode, Failure> {
    let page = letters.show(&args.queue, usize::from(args.limit))?;
    let text = if global.json { serde_json::to_string(&page).map_err(io::Error::from)? } else { text(&page) };
    print(&text, ExitCode::SUCCESS)
}

fn text(page: &DeadLetterPage) -> String {
    let DeadLetterPage { queue, letters } = page;
    let mut text = format!("{}: {}; {}\n", queue.name, holds(queue), serves(queue));
    // Writing to a string does not fail.
    for Letter { id, body, sent_at, from, given_up_at, receives } in letters {
        let _ = write!(text, "\n{id}  sent {}, received {receives} times", time(*sent_at));
        let _ = match (from, given_up_at) {
            (Some(from), Some(at)) => writeln!(text, ", given up by {from} {}", time(*at)),
            (Some(from), None) => writeln!(text, ", given up by {from}"),
            (None, _) => writeln!(text, ", sent to this queue itself"),
        };
        let _ = writeln!(text, "{body}");
    }
    let more = queue.messages.saturating_sub(letters.len() as u64);
    if more > 0 {
        let _ = writeln!(text, "\n{more} more: see --limit");
    }
    if letters.iter().any(|letter| letter.from.is_none()) {
        let _ = writeln!(text, "\n{NOWHERE_TO_GO}");
    }
    text
}
