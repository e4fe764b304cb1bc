use std::fmt::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use skafu_events::Timestamp;
use skafu_functions::projections::Feed;
use skafu_functions::rebuild::{Begun, Checked, Counts, Rebuild, Standing};
use skafu_store::generations::Generations;

use super::args::RebuildArgs;
use super::bar::Bar;
use super::{Views, failed, refold};
use crate::assets;
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::store::{Place, Served, print};
use crate::stack::Stack;

/// Clocks differ, and an invocation that is over may take a moment to end.
const MARGIN: Duration = Duration::from_secs(5);

/// Makes a view's rows anew.
pub(super) async fn run(
    global: &Global,
    args: &RebuildArgs,
    views: &Views,
    place: &Place,
) -> Result<ExitCode, Failure> {
    let feed = views.named(&args.view)?;
    if let Some(scope) = refold::scope(args, views).await? {
        refold::follows(views, &args.view, &scope)?;
        same_code(feed, place)?;
        let rebuild = views.rebuild(&args.view, Duration::ZERO)?;
        return refold::run(global, args, &rebuild, &scope, place).await;
    }
    if args.dry_run {
        let rebuild = views.rebuild(&args.view, Duration::ZERO)?;
        return refold::rehearse(global, args, &rebuild, place).await;
    }
    same_code(feed, place)?;
    let rebuild = views.rebuild(&args.view, wait(args, place)?)?;
    let built = tokio::select! {
        built = build(args, &rebuild, place) => built?,
        _ = tokio::signal::ctrl_c() => return Err(interrupted(&args.view)),
    };
    let text = if global.json { built.as_json(&args.view) } else { built.text(&args.view) };
    print(&text, ExitCode::SUCCESS)
}

/// What was done is kept page by page, and fed from now on.
fn interrupted(view: &str) -> Failure {
    let message = format!("what is built of the view {view} stays as far as it is");
    Failure::new("INTERRUPTED", message)
        .hint(&format!("the same command goes on there; `skafu views abandon {view}` ends it"))
}

/// What a system on this machine runs must be this code: else it does not feed what is built.
fn same_code(feed: &Feed, place: &Place) -> Result<(), Failure> {
    let Served::Here(folds) = &place.served else { return Ok(()) };
    if folds.get(feed.view()).is_some_and(|fold| fold == feed.fold()) {
        return Ok(());
    }
    let message =
        format!("the system that runs on {} has another fold of the view {}", place.name, feed.view());
    Err(Failure::new("OTHER_CODE", message).hint("start it with this build of skafu, or stop it"))
}

/// How long a projector that does not know of the new generation may still be at work.
fn wait(args: &RebuildArgs, place: &Place) -> Result<Duration, Failure> {
    if let Some(wait) = args.wait {
        return Ok(wait);
    }
    if !matches!(place.served, Served::Elsewhere) {
        return Ok(Duration::ZERO);
    }
    let stack = Stack::load(assets::TEMPLATE).map_err(|error| Failure::chain("START_FAILED", &error))?;
    let projects = |binary: &str| ["projections", "sweep"].contains(&binary);
    let timeouts = stack.functions.iter().filter(|it| projects(&it.binary)).map(|it| it.timeout_seconds);
    Ok(Duration::from_secs(u64::from(timeouts.max().unwrap_or(900))) + MARGIN)
}

/// What came of it.
struct Built {
    begun: Begun,
    counts: Counts,
    checked: Checked,
    generations: Generations,
    before: u32,
    kept_until: Timestamp,
    time: Duration,
}

async fn build(args: &RebuildArgs, rebuild: &Rebuild, place: &Place) -> Result<Built, Failure> {
    let refused = |error| failed(&args.view, error);
    let begun = rebuild.begin(args.segments).await.map_err(refused)?;
    let wait = rebuild.remaining_wait(&begun);
    if wait > Duration::from_secs(1) {
        let (seconds, number) = (wait.as_secs(), begun.generation);
        eprintln!("waiting {seconds} s for projectors that do not know generation {number} yet");
    }
    tokio::time::sleep(wait).await;
    let before = sum(&rebuild.standings(&begun).await.map_err(refused)?);
    let (bar, start) = (Bar::new(place.estimated_items().await, before.commits), Instant::now());
    let segments: Vec<Standing> = futures::stream::iter(0..begun.segments)
        .map(|index| segment(rebuild, &begun, index, &bar))
        .buffer_unordered(begun.segments as usize)
        .try_collect()
        .await
        .map_err(refused)?;
    drop(bar);
    let checked = rebuild.check(&begun).await.map_err(refused)?;
    let before = rebuild.generations().await.map_err(refused)?.active().number;
    let kept_until = (chrono::Utc::now() + args.keep).into();
    let generations = rebuild.flip(&begun, args.keep).await.map_err(refused)?;
    let (counts, time) = (sum(&segments), start.elapsed());
    Ok(Built { begun, counts, checked, generations, before, kept_until, time })
}

async fn segment(
    rebuild: &Rebuild,
    begun: &Begun,
    index: u32,
    bar: &Bar,
) -> Result<Standing, skafu_functions::rebuild::RebuildError> {
    let last = std::sync::Mutex::new(None::<Counts>);
    let told = |standing: &Standing| {
        let mut last = last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let commits = standing.counts.commits.saturating_sub(last.map_or(0, |it| it.commits));
        // What an earlier run did is known before the first page.
        if last.replace(standing.counts).is_some() {
            bar.add(Counts { commits, ..Counts::default() });
        }
        false
    };
    rebuild.segment(begun, index, &told).await
}

fn sum(standings: &[Standing]) -> Counts {
    standings.iter().fold(Counts::default(), |mut sum, it| {
        sum += it.counts;
        sum
    })
}

impl Built {
    fn as_json(&self, view: &str) -> String {
        let mut answer = json!(self.counts);
        answer["view"] = json!(view);
        answer["generation"] = json!(self.begun.generation);
        answer["resumed"] = json!(self.begun.resumed);
        answer["active"] = json!(self.generations.active().number);
        answer["before"] = json!(self.before);
        answer["keptUntil"] = json!(self.kept_until);
        answer["sample"] = json!(self.checked.sample);
        answer["parked"] = json!(self.checked.parked);
        Value::to_string(&answer)
    }

    fn text(&self, view: &str) -> String {
        let Counts { commits, events, aggregates, .. } = self.counts;
        let (number, seconds) = (self.begun.generation, self.time.as_secs_f64());
        let mut text = String::new();
        let on = if self.begun.resumed { ", begun before" } else { "" };
        // Writing to a string does not fail.
        let _ = writeln!(text, "generation {number} of the view {view}{on}");
        let _ = writeln!(
            text,
            "{aggregates} aggregates from {commits} commits with {events} events in {seconds:.1} s"
        );
        let _ = writeln!(text, "compared with fresh folds, a sample:");
        for it in &self.checked.sample {
            let same = if it.same { "same" } else { "differs" };
            let _ = writeln!(text, "  {same}  {} at version {}", it.stream, it.version);
        }
        if self.checked.parked > 0 {
            let _ = writeln!(text, "{} aggregates are parked, as they were", self.checked.parked);
        }
        let _ = writeln!(text, "questions are answered from generation {number} now");
        let (before, until) = (self.before, self.kept_until);
        let _ = write!(
            text,
            "generation {before} is kept until {until}: `skafu views rollback {view}` goes back to it"
        );
        text
    }
}
