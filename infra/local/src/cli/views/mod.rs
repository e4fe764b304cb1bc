//! `skafu views`: aggregates that views no longer show, because an event could not be folded.

mod args;
mod parked;
mod release;

use std::process::ExitCode;
use std::sync::Arc;

use skafu_functions::projections::{Fed, Feed, feeds};
use skafu_store::generations::RegistryError;
use skafu_store::{EventStore, StoreError, ViewStore};

use super::args::Global;
use super::failure::Failure;
use super::session::runtime;
use super::store::Place;
use args::ViewsCommand;

pub(super) use args::ViewsArgs;

/// The views of one place, and where their rows are.
struct Views {
    all: Vec<Arc<Feed>>,
    rows: Arc<dyn ViewStore>,
}

impl Views {
    fn new(place: &Place, table: Option<&str>) -> Result<Self, Failure> {
        let events: Arc<dyn EventStore> = Arc::new(place.events());
        let rows: Arc<dyn ViewStore> = Arc::new(place.views(table)?);
        Ok(Self { all: feeds(&events, &rows), rows })
    }

    /// The view of that name.
    fn named(&self, name: &str) -> Result<&Arc<Feed>, Failure> {
        self.all.iter().find(|view| view.view() == name).ok_or_else(|| {
            let names: Vec<_> = self.all.iter().map(|view| view.view()).collect();
            let message = format!("there is no view `{name}`: there are {}", names.join(", "));
            Failure::new("UNKNOWN_VIEW", message)
        })
    }
}

/// Runs one of the commands.
pub(super) fn run(global: &Global, args: &ViewsArgs) -> Result<ExitCode, Failure> {
    let place = Place::open(global, &args.place)?;
    runtime()?.block_on(async {
        let views = Views::new(&place, args.view_table.as_deref())?;
        match &args.command {
            ViewsCommand::Parked(args) => parked::run(global, args, &views).await,
            ViewsCommand::Release(args) => release::run(global, args, &views).await,
        }
    })
}

/// The view table failed.
fn unreadable(error: StoreError) -> Failure {
    Failure::chain("STORE_UNAVAILABLE", &error)
        .hint("see that --endpoint, --view-table and the credentials are right")
}

/// The generations of a view that are fed.
async fn fed(feed: &Feed) -> Result<Vec<Fed>, Failure> {
    feed.fed(chrono::Utc::now().into()).await.map_err(unregistered)
}

/// The generations of a view cannot be read or changed.
fn unregistered<E: std::error::Error + 'static>(error: RegistryError<E>) -> Failure {
    match error {
        RegistryError::Store(error) => unreadable(error),
        error => Failure::chain("GENERATIONS_UNUSABLE", &error),
    }
}
