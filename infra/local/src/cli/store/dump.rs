use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use skafu_events::{Commit, Envelope};

use super::args::DumpArgs;
use super::checkpoint::Checkpoint;
use super::output::print;
use super::place::Place;
use super::progress::Progress;
use super::read::{Item, Page, Position, Table};
use super::segments::{Standing, read};
use crate::cli::args::Global;
use crate::cli::failure::{Failure, chain};

/// Everything, as one object.
#[derive(Default, Serialize)]
struct Whole {
    commits: u64,
    events: Vec<Envelope>,
}

/// What a dump leaves out, and how much it tells in all.
#[derive(Default)]
struct Tally {
    commits: u64,
    unreadable: u64,
    outside: u64,
}

/// Prints every event, in one pass: the order is the table's, so a position means something.
pub(super) async fn run(
    global: &Global,
    args: &DumpArgs,
    place: &Place,
    table: &Arc<Table>,
) -> Result<ExitCode, Failure> {
    let checkpoint = Checkpoint::new(args.resume.as_deref());
    let of = json!({ "command": "dump", "store": place.name, "table": place.table, "tenant": args.tenant });
    let mut done = checkpoint.load::<()>(of, 1)?;
    if let Some((stream, version)) = &args.after {
        done.segments = vec![Standing::After(Position::before(stream, *version))];
    }
    let (mut progress, mut tally, mut whole) = (Progress::new(), Tally::default(), Whole::default());
    let from = done.segments.clone();
    let read = read(table, &from, |_, page| {
        let Page { items, next } = page;
        let envelopes = envelopes(args, items, &mut tally);
        progress.add(tally.commits - whole.commits, envelopes.len() as u64);
        whole.commits = tally.commits;
        if global.json {
            whole.events.extend(envelopes);
        } else {
            lines(&envelopes)?;
        }
        done.segments = vec![Standing::at(next)];
        checkpoint.save(&done)
    });
    let read = read.await;
    drop(progress);
    match read {
        // Whoever reads has seen enough.
        Err(failure) if failure.is("OUTPUT_CLOSED") => return Ok(ExitCode::SUCCESS),
        other => other?,
    }
    checkpoint.remove()?;
    tally.tell();
    let code = if tally.unreadable > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    if global.json {
        return print(&serde_json::to_string(&whole).map_err(io::Error::from)?, code);
    }
    Ok(code)
}

fn envelopes(args: &DumpArgs, items: Vec<Item>, tally: &mut Tally) -> Vec<Envelope> {
    let mut envelopes = Vec::new();
    for item in items {
        let tenant = item.key.partition.split('/').next().unwrap_or_default();
        if args.tenant.as_ref().is_some_and(|wanted| wanted.as_str() != tenant) {
            continue;
        }
        match item.commit {
            Ok(commit) => {
                let before = envelopes.len();
                envelopes.extend(commit.envelopes().filter(|it| is_after(args, &commit, it)));
                tally.commits += u64::from(envelopes.len() > before);
                tally.outside += envelopes[before..].iter().filter(|it| it.data_ref.is_some()).count() as u64;
            }
            Err(error) => {
                eprintln!("not dumped: {} {}: {}", item.key.partition, item.key.sort, chain(&error));
                tally.unreadable += 1;
            }
        }
    }
    envelopes
}

fn is_after(args: &DumpArgs, commit: &Commit, envelope: &Envelope) -> bool {
    let position = args.after.as_ref().filter(|(stream, _)| *stream == commit.stream);
    position.is_none_or(|(_, version)| envelope.aggregate_version > *version)
}

/// One envelope per line, all of them handed on before the position is kept.
fn lines(envelopes: &[Envelope]) -> Result<(), Failure> {
    let mut text = Vec::new();
    for envelope in envelopes {
        serde_json::to_writer(&mut text, envelope).map_err(io::Error::from)?;
        text.push(b'\n');
    }
    let mut out = io::stdout().lock();
    out.write_all(&text).and_then(|()| out.flush()).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::new("OUTPUT_CLOSED", "nobody reads the output"),
        _ => error.into(),
    })
}

impl Tally {
    /// What a reader of the dump must know about it.
    fn tell(&self) {
        if self.outside > 0 {
            let events = self.outside;
            eprintln!("{events} events have a dataRef instead of their data, which was not to be had here");
        }
        if self.unreadable > 0 {
            let commits = self.unreadable;
            eprintln!("{commits} commits could not be read: `skafu store verify` tells all that is wrong");
        }
    }
}
