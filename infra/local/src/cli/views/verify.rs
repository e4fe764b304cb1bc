use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;
use skafu_functions::rebuild::Report;

use super::args::VerifyArgs;
use super::bar::Bar;
use super::{Views, failed, findings};
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::store::{Place, print};

/// Compares a view with fresh folds. Exit code 1 if anything is not as it must be.
pub(super) async fn run(
    global: &Global,
    args: &VerifyArgs,
    views: &Views,
    place: &Place,
) -> Result<ExitCode, Failure> {
    let rebuild = views.rebuild(&args.view, Duration::ZERO)?;
    let bar = Bar::new(place.estimated_items().await, 0);
    let told = |counts| {
        bar.set(counts);
        false
    };
    let report = rebuild.verify(args.segments, &told).await.map_err(|error| failed(&args.view, error))?;
    drop(bar);
    let text = if global.json { as_json(&args.view, &report) } else { text(&args.view, &report) };
    print(&text, if report.wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn as_json(view: &str, report: &Report) -> String {
    let mut answer = json!(report);
    answer["view"] = json!(view);
    answer.to_string()
}

fn text(view: &str, report: &Report) -> String {
    let Report { generation, counts, wrong, findings: found, .. } = report;
    let found = findings::text(found, *wrong);
    let parked = if counts.parked == 0 { String::new() } else { format!(" ({} parked)", counts.parked) };
    let verdict = match wrong {
        0 => "all of it is what fresh folds give".to_owned(),
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    };
    let (aggregates, events) = (counts.aggregates, counts.events);
    format!("{found}{view}.{generation}: {aggregates} aggregates{parked} of {events} events: {verdict}")
}
