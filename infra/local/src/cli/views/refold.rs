use std::process::ExitCode;

use serde_json::json;
use skafu_functions::rebuild::{Rebuild, Refolded, Scope};
use skafu_store::Consistency;

use super::args::RebuildArgs;
use super::bar::Bar;
use super::{Views, failed, findings};
use crate::cli::aggregate::candidates;
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::store::{Place, print};

/// The scope that was asked for, if it is not everything.
pub(super) async fn scope(args: &RebuildArgs, views: &Views) -> Result<Option<Scope>, Failure> {
    if let Some(id) = &args.aggregate {
        let candidates = candidates(id, &args.of)?;
        for stream in &candidates {
            let history = views.events.load(stream, Consistency::Strong).await?;
            if history.version() > 0 {
                return Ok(Some(Scope::Aggregate(stream.clone())));
            }
        }
        let names: Vec<_> = candidates.iter().map(ToString::to_string).collect();
        return Err(Failure::new("NOT_FOUND", format!("there is no {}", names.join(", nor "))));
    }
    if let Some(name) = &args.event_type {
        return Ok(Some(Scope::EventType(name.clone())));
    }
    let (from, to) = (args.from, args.to);
    Ok((from.is_some() || to.is_some()).then_some(Scope::Time { from, to }))
}

/// Makes the rows of some aggregates anew in place; or tells what would be done.
pub(super) async fn run(
    global: &Global,
    args: &RebuildArgs,
    rebuild: &Rebuild,
    scope: &Scope,
    place: &Place,
) -> Result<ExitCode, Failure> {
    let bar = Bar::new(place.estimated_items().await, 0);
    let refolded = rebuild.refold(scope, args.dry_run, &|counts| bar.set(counts)).await;
    drop(bar);
    let refolded = refolded.map_err(|error| failed(&args.view, error))?;
    let stuck = refolded.findings.iter().filter(|it| it.kind == "unfoldable").count() as u64;
    let written = if args.dry_run { 0 } else { refolded.wrong - stuck };
    let text = if global.json {
        let mut answer = json!(refolded);
        answer["view"] = json!(args.view);
        answer["dryRun"] = json!(args.dry_run);
        answer["written"] = json!(written);
        answer.to_string()
    } else {
        let Refolded { generation, selected, wrong, findings: found, .. } = &refolded;
        let done = if args.dry_run { "nothing was written".to_owned() } else { format!("{written} written") };
        let found = findings::text(found, *wrong);
        format!(
            "{found}{}.{generation}: {selected} aggregates, {wrong} not as they must be: {done}",
            args.view
        )
    };
    print(&text, if stuck == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Tells what a rebuild of everything would read and could not fold.
pub(super) async fn rehearse(
    global: &Global,
    args: &RebuildArgs,
    rebuild: &Rebuild,
    place: &Place,
) -> Result<ExitCode, Failure> {
    let bar = Bar::new(place.estimated_items().await, 0);
    let rehearsed = rebuild.rehearse(args.segments, &|counts| bar.add(counts)).await;
    drop(bar);
    let rehearsed = rehearsed.map_err(|error| failed(&args.view, error))?;
    let code = if rehearsed.wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    let text = if global.json {
        let mut answer = json!(rehearsed);
        answer["view"] = json!(args.view);
        answer["dryRun"] = json!(true);
        answer.to_string()
    } else {
        let Refolded { counts, wrong, findings: found, .. } = &rehearsed;
        let (aggregates, commits, events) = (counts.aggregates, counts.commits, counts.events);
        let found = findings::text(found, *wrong);
        let view = &args.view;
        format!(
            "{found}{view}: {aggregates} aggregates from {commits} commits with {events} events would be \
             folded; {wrong} of them cannot be: nothing was written"
        )
    };
    print(&text, code)
}

/// Whether the aggregate is one the view follows.
pub(super) fn follows(views: &Views, view: &str, scope: &Scope) -> Result<(), Failure> {
    let Scope::Aggregate(stream) = scope else { return Ok(()) };
    let kinds = views.named(view)?.kinds();
    if kinds.contains(&stream.kind()) {
        return Ok(());
    }
    let message = format!("the view {view} shows nothing of {stream}");
    Err(Failure::new("VALIDATION_ERROR", message))
}
