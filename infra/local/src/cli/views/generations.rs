use std::fmt::Write;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};
use skafu_functions::projections::Feed;
use skafu_store::generations::{Generation, Generations, State};

use super::args::{OneArgs, StatusArgs};
use super::{Views, failed};
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::store::print;

/// Prints every generation of one view, or of all.
pub(super) async fn status(global: &Global, args: &StatusArgs, views: &Views) -> Result<ExitCode, Failure> {
    let wanted = match &args.view {
        Some(name) => vec![views.named(name)?],
        None => views.all.iter().collect(),
    };
    let (mut answers, mut text) = (Vec::new(), String::new());
    for feed in wanted {
        let generations = views.rebuild(feed.view(), Duration::ZERO)?.generations().await;
        let generations = generations.map_err(|error| failed(feed.view(), error))?;
        answers.push(answer(feed, &generations));
        // Writing to a string does not fail.
        let _ = tell(&mut text, feed, &generations);
    }
    let text = if global.json { json!({ "views": answers }).to_string() } else { text };
    print(&text, ExitCode::SUCCESS)
}

fn answer(feed: &Feed, generations: &Generations) -> Value {
    let now = chrono::Utc::now().into();
    json!({
        "view": feed.view(),
        "fold": feed.fold(),
        "stale": generations.active().fold != feed.fold(),
        "generations": generations.fed(now),
        "ended": generations.ended(),
    })
}

fn tell(text: &mut String, feed: &Feed, generations: &Generations) -> std::fmt::Result {
    let (view, now) = (feed.view(), chrono::Utc::now().into());
    for Generation { number, fold, state } in generations.fed(now) {
        let state = match state {
            State::Building { since, .. } => format!("being built since {since}"),
            State::Active { since } => format!("shown since {since}"),
            State::Kept { until } => format!("kept until {until}"),
        };
        writeln!(text, "{:<16}  {state:<44}  fold {fold}", format!("{view}.{number}"))?;
    }
    if generations.active().fold != feed.fold() {
        writeln!(text, "{view} was made by another fold: `skafu views rebuild {view}`")?;
    }
    Ok(())
}

/// Shows the generation before again.
pub(super) async fn rollback(global: &Global, args: &OneArgs, views: &Views) -> Result<ExitCode, Failure> {
    let rebuild = views.rebuild(&args.view, Duration::ZERO)?;
    let refused = |error| failed(&args.view, error);
    let before = rebuild.generations().await.map_err(refused)?.active().number;
    let after = rebuild.rollback().await.map_err(refused)?.active().number;
    let text = if global.json {
        json!({ "view": args.view, "generation": after, "before": before }).to_string()
    } else {
        format!("questions are answered from generation {after} of the view {} again", args.view)
    };
    print(&text, ExitCode::SUCCESS)
}

/// Ends a rebuild.
pub(super) async fn abandon(global: &Global, args: &OneArgs, views: &Views) -> Result<ExitCode, Failure> {
    let rebuild = views.rebuild(&args.view, Duration::ZERO)?;
    let ended = rebuild.abandon().await.map_err(|error| failed(&args.view, error))?;
    let text = match ended {
        _ if global.json => json!({ "view": args.view, "ended": ended }).to_string(),
        Some(number) => format!("generation {number} of the view {} is built no more", args.view),
        None => format!("no generation of the view {} is being built", args.view),
    };
    print(&text, ExitCode::SUCCESS)
}
