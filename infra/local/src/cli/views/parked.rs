use std::fmt::Write;
use std::process::ExitCode;

use serde_json::{Map, Value, json};
use skafu_events::StreamId;
use skafu_functions::projections::{Feed, Parked};
use skafu_store::{Index, Order, Row};

use super::args::ParkedArgs;
use super::{Views, unreadable};
use crate::cli::aggregate::identity;
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::store::print;

/// How many rows are read at a time.
const PAGE: u32 = 100;

/// A parked aggregate.
pub(super) struct Stuck {
    pub view: &'static str,
    pub generation: u32,
    pub stream: StreamId,
    pub why: Parked,
}

/// Prints what is parked. That something is, is no failure.
pub(super) async fn run(global: &Global, args: &ParkedArgs, views: &Views) -> Result<ExitCode, Failure> {
    let mut stuck = Vec::new();
    match &args.view {
        Some(name) => stuck.extend(parked(views, views.named(name)?.as_ref()).await?),
        None => {
            for view in &views.all {
                stuck.extend(parked(views, view.as_ref()).await?);
            }
        }
    }
    let text = if global.json {
        let parked: Vec<_> = stuck.iter().map(Stuck::answer).collect();
        json!({ "parked": parked }).to_string()
    } else {
        text(&stuck, args.view.as_deref())
    };
    print(&text, ExitCode::SUCCESS)
}

/// What is parked in the generations of a view that are fed, the first that was first.
pub(super) async fn parked(views: &Views, feed: &Feed) -> Result<Vec<Stuck>, Failure> {
    let mut stuck = Vec::new();
    for fed in super::fed(feed).await? {
        stuck.extend(of_generation(views, feed.view(), fed.projector.generation()).await?);
    }
    stuck.sort_by_key(|it| it.why.at);
    Ok(stuck)
}

async fn of_generation(views: &Views, view: &'static str, generation: u32) -> Result<Vec<Stuck>, Failure> {
    let partition = skafu_views::parked(view, generation);
    let (mut stuck, mut after) = (Vec::new(), None);
    loop {
        let page = views
            .rows
            .query(Index::Parked, &partition, Order::Ascending, PAGE, after.as_ref())
            .await
            .map_err(unreadable)?;
        for row in page.rows {
            stuck.push(read(view, generation, row)?);
        }
        after = page.next;
        if after.is_none() {
            return Ok(stuck);
        }
    }
}

fn read(view: &'static str, generation: u32, row: Row) -> Result<Stuck, Failure> {
    let unreadable = |error: &dyn std::error::Error| {
        Failure::chain("ROW_UNREADABLE", error)
            .hint(&format!("the row {} {} of the view table", row.key.partition, row.key.sort))
    };
    let why: Parked =
        serde_json::from_value(row.parked.clone().unwrap_or_default()).map_err(|error| unreadable(&error))?;
    let stream = why.stream.parse().map_err(|error: skafu_events::InvalidId| unreadable(&error))?;
    Ok(Stuck { view, generation, stream, why })
}

impl Stuck {
    fn answer(&self) -> Value {
        let mut answer = Map::from_iter([("view".to_owned(), json!(self.view))]);
        answer.insert("generation".to_owned(), json!(self.generation));
        answer.extend(identity(&self.stream));
        let Parked { stream: _, shown: _, error, event, at, receives } = &self.why;
        answer.insert("event".to_owned(), json!(event));
        answer.insert("error".to_owned(), json!(error));
        answer.insert("at".to_owned(), json!(at));
        answer.insert("receives".to_owned(), json!(receives));
        Value::Object(answer)
    }
}

fn text(stuck: &[Stuck], view: Option<&str>) -> String {
    if stuck.is_empty() {
        let within = view.map_or_else(|| "any view".to_owned(), |view| format!("the view {view}"));
        return format!("nothing is parked in {within}");
    }
    let mut text = String::new();
    // Writing to a string does not fail.
    for Stuck { view, generation, stream, why } in stuck {
        let Parked { error, event, at, receives, .. } = why;
        let _ = writeln!(text, "{view}  {stream}");
        let _ = writeln!(
            text,
            "  version {}: {}, schema {}, event {}",
            event.aggregate_version, event.event_type, event.event_version, event.event_id
        );
        let _ =
            writeln!(text, "  parked {at} after {receives} deliveries, in generation {generation}: {error}");
    }
    let many = if stuck.len() == 1 { "1 aggregate is" } else { &format!("{} aggregates are", stuck.len()) };
    let _ = writeln!(text, "{many} parked: `skafu views release NAME ID`, once the view can fold the event");
    text
}
