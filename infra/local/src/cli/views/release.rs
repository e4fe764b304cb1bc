use std::fmt::Write;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::{Value, json};
use skafu_events::StreamId;
use skafu_functions::projections::{Feed, Project, ProjectError};
use skafu_store::{Consistency, Row};

use super::args::ReleaseArgs;
use super::parked::parked;
use super::{Views, unreadable};
use crate::cli::aggregate::{candidates, identity};
use crate::cli::args::Global;
use crate::cli::failure::{Failure, chain};
use crate::cli::store::print;

/// What became of one aggregate.
struct Released {
    stream: StreamId,
    /// For programs: `released`; `parked`, if an event still cannot be folded; `failed`.
    outcome: &'static str,
    error: Option<String>,
}

/// Releases, and tells what came of it. Exit code 1 unless every one was released.
pub(super) async fn run(global: &Global, args: &ReleaseArgs, views: &Views) -> Result<ExitCode, Failure> {
    let view = views.named(&args.view)?;
    let streams = match &args.id {
        Some(id) => find(view, candidates(id, &args.of)?).await?,
        None => {
            let stuck = parked(views, view).await?;
            stuck.into_iter().map(|it| (view.of(it.generation), it.stream)).collect()
        }
    };
    let mut all = Vec::new();
    for (projector, stream) in streams {
        all.push(release(&*projector, stream).await);
    }
    let ok = all.iter().all(|it| it.error.is_none());
    let text = if global.json {
        let aggregates: Vec<_> = all.iter().map(Released::answer).collect();
        json!({ "view": args.view, "aggregates": aggregates }).to_string()
    } else {
        text(&args.view, &all)
    };
    print(&text, if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn release(view: &dyn Project, stream: StreamId) -> Released {
    let (outcome, error) = match view.release(&stream).await {
        Ok(_) => ("released", None),
        Err(ProjectError::Store(error)) => ("failed", Some(Failure::from(error).message().to_owned())),
        Err(error @ ProjectError::Unfoldable(_)) => ("parked", Some(chain(&error))),
        Err(error) => ("failed", Some(chain(&error))),
    };
    Released { stream, outcome, error }
}

/// The stream that is meant, in every generation it is parked in: the first candidate that is parked.
async fn find(feed: &Feed, candidates: Vec<StreamId>) -> Result<Vec<(Arc<dyn Project>, StreamId)>, Failure> {
    let mut parked = Vec::new();
    for fed in super::fed(feed).await? {
        let gates = fed.projector.gates(&candidates, Consistency::Strong).await.map_err(unreadable)?;
        let is_parked = |row: &Option<Row>| row.as_ref().is_some_and(|row| row.parked.is_some());
        let at = gates.iter().position(is_parked);
        parked.extend(at.map(|at| (fed.projector.clone(), candidates[at].clone())));
    }
    if parked.is_empty() {
        let names: Vec<_> = candidates.iter().map(StreamId::to_string).collect();
        let view = feed.view();
        let message = format!("in the view {view} nothing is parked of {}", names.join(", nor of "));
        let hint = format!("`skafu views parked {view}` lists what is");
        return Err(Failure::new("NOT_PARKED", message).hint(&hint));
    }
    Ok(parked)
}

impl Released {
    fn answer(&self) -> Value {
        let mut answer = identity(&self.stream);
        answer.insert("outcome".to_owned(), json!(self.outcome));
        if let Some(error) = &self.error {
            answer.insert("error".to_owned(), json!(error));
        }
        Value::Object(answer)
    }
}

fn text(view: &str, all: &[Released]) -> String {
    if all.is_empty() {
        return format!("nothing is parked in the view {view}");
    }
    let mut text = String::new();
    // Writing to a string does not fail.
    for Released { stream, error, .. } in all {
        let _ = match error {
            None => writeln!(text, "{stream} is up to date again"),
            Some(error) => writeln!(text, "{stream} stays parked: {error}"),
        };
    }
    text
}
