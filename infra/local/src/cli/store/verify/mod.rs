//! `skafu store verify`: reads everything and says what is wrong with it.

mod ids;
mod report;
mod stream;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;

use super::args::VerifyArgs;
use super::checkpoint::Checkpoint;
use super::output::print;
use super::place::Place;
use super::progress::Progress;
use super::read::{Page, Table};
use super::segments::{Standing, read};
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use report::Report;
use stream::StreamCheck;

/// Checks everything. Exit code 1 if anything is wrong.
pub(super) async fn run(
    global: &Global,
    args: &VerifyArgs,
    place: &Place,
    table: &Arc<Table>,
) -> Result<ExitCode, Failure> {
    let checkpoint = Checkpoint::new(args.resume.as_deref());
    let of = json!({ "command": "verify", "store": place.name, "table": place.table });
    let mut done = checkpoint.load::<Report>(of, args.segments.segments)?;
    let mut progress = Progress::new();
    let from = done.segments.clone();
    let mut current: Vec<Option<StreamCheck>> = from.iter().map(|_| None).collect();
    read(table, &from, |segment, page| {
        let (commits, events) = check(
            &mut current[segment],
            page,
            table.has_payloads(),
            &mut done.segments[segment],
            &mut done.result,
        );
        progress.add(commits, events);
        checkpoint.save(&done)
    })
    .await?;
    ids::find_twins(table, from.len(), &mut done.result).await?;
    drop(progress);
    checkpoint.remove()?;
    let report = done.result.sorted();
    let code = if report.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    let text = if global.json {
        serde_json::to_string(&report.answer()).map_err(io::Error::from)?
    } else {
        report.text()
    };
    print(&text, code)
}

/// Checks a page. What is reported, and where the segment then stands, is the end of the last whole
/// stream: a check that is interrupted begins the next stream from its start.
fn check(
    current: &mut Option<StreamCheck>,
    page: Page,
    has_payloads: bool,
    standing: &mut Standing,
    report: &mut Report,
) -> (u64, u64) {
    let (mut commits, mut events) = (0, 0);
    for item in page.items {
        if current.as_ref().is_some_and(|stream| !stream.is(&item.key))
            && let Some(ended) = current.take()
        {
            *standing = Standing::After(ended.end(report));
        }
        let stream = current.get_or_insert_with(|| StreamCheck::new(&item.key, has_payloads));
        commits += 1;
        events += item.commit.as_ref().map_or(0, |commit| commit.events.len() as u64);
        stream.add(item);
    }
    if page.next.is_none() {
        current.take().into_iter().for_each(|ended| drop(ended.end(report)));
        *standing = Standing::Done;
    }
    (commits, events)
}

#[cfg(test)]
mod tests {
    use skafu_store::DecodeError;

    use super::*;
    use crate::cli::store::read::{Item, Position};

    fn key(stream: &str, version: u64) -> Position {
        Position { partition: stream.to_owned(), sort: format!("EVENT#{version:010}") }
    }

    /// A page of commits that cannot be read, so that each is a finding.
    fn page(keys: &[(&str, u64)], next: Option<Position>) -> Page {
        let damaged = || DecodeError::Inconsistent("its versions do not fit its events");
        let item = |(stream, version): &(&str, u64)| Item {
            key: key(stream, *version),
            bytes: 0,
            commit: Err(damaged()),
        };
        Page { items: keys.iter().map(item).collect(), next }
    }

    #[test]
    fn what_is_kept_ends_with_a_whole_stream_and_a_stream_cut_short_is_checked_again() {
        let (a, b) = ("acme/PROJECT#a", "acme/PROJECT#b");
        let (mut current, mut standing, mut report) = (None, Standing::Start, Report::default());
        check(&mut current, page(&[(a, 1)], Some(key(a, 1))), true, &mut standing, &mut report);
        assert_eq!((&standing, report.streams), (&Standing::Start, 0), "there may be more of the stream");
        check(&mut current, page(&[(a, 2), (b, 1)], Some(key(b, 1))), true, &mut standing, &mut report);
        assert_eq!((&standing, report.streams, report.commits), (&Standing::After(key(a, 2)), 1, 2));

        // Interrupted here, and taken up again from what was kept.
        check(&mut None, page(&[(b, 1), (b, 2)], None), true, &mut standing, &mut report);
        assert_eq!((&standing, report.streams, report.commits), (&Standing::Done, 2, 4));
        assert_eq!(report.findings.len(), 4);
    }
}
