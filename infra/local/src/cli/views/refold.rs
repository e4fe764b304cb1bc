use std::process::ExitCode;

use serde_json::json;
use skafu_events::{AggregateKind, Envelope, golden};
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
    if args.aggregate.is_none() && args.of.is_given() {
        let message = "--tenant and --kind say which aggregate is meant: they need --aggregate";
        return Err(Failure::new("VALIDATION_ERROR", message));
    }
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
        known(name, views.named(&args.view)?.kinds())?;
        return Ok(Some(Scope::EventType(name.clone())));
    }
    let (from, to) = (args.from, args.to);
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        return Err(Failure::new(
            "VALIDATION_ERROR",
            "nothing can happen in that time: --to is not after --from",
        ));
    }
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
    // A dry run says by its code, too, that there is something to do.
    let done = stuck == 0 && (refolded.wrong == 0 || !args.dry_run);
    let written = if args.dry_run { 0 } else { refolded.wrong - stuck };
    let text = if global.json {
        let mut answer = json!(refolded);
        answer["view"] = json!(args.view);
        answer["dryRun"] = json!(args.dry_run);
        answer["written"] = json!(written);
        answer.to_string()
    } else {
        let Refolded { generation, selected, wrong, findings: found, .. } = &refolded;
        let told = match (args.dry_run, *selected) {
            (_, 0) => "nothing is within that scope".to_owned(),
            (true, _) => "nothing was written".to_owned(),
            (false, _) => format!("{written} written"),
        };
        let found = findings::text(found, *wrong);
        format!(
            "{found}{}.{generation}: {selected} aggregates, {wrong} not as they must be: {told}",
            args.view
        )
    };
    print(&text, if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
        let mut answer = json!(rehearsed.counts);
        answer["view"] = json!(args.view);
        answer["generation"] = json!(rehearsed.generation);
        answer["dryRun"] = json!(true);
        answer["unfoldable"] = json!(rehearsed.wrong);
        answer["findings"] = json!(rehearsed.findings);
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

/// Refuses the name of an event there is not: a mistyped one would look like one that never happened.
fn known(name: &str, kinds: &[AggregateKind]) -> Result<(), Failure> {
    let types: Vec<String> = kinds.iter().flat_map(|kind| event_types(*kind)).collect();
    if types.iter().any(|it| it == name) {
        return Ok(());
    }
    Err(Failure::new(
        "VALIDATION_ERROR",
        format!("the view follows no {name}; there are {}", types.join(", ")),
    ))
}

/// The types of the events of such aggregates: each has one that is golden, or more in a row.
fn event_types(kind: AggregateKind) -> Vec<String> {
    let events = golden::of(kind).iter().filter_map(|text| serde_json::from_str::<Envelope>(text).ok());
    let mut types: Vec<String> = events.map(|event| event.event_type).collect();
    types.dedup();
    types
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
