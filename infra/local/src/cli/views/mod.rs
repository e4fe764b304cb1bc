//! `skafu views`: rows as they stand, beside what they should be, and what brings them there.

mod args;
mod bar;
mod findings;
mod generations;
mod parked;
mod rebuild;
mod refold;
mod release;
mod verify;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use skafu_functions::projections::{Fed, Feed, ProjectError, feeds};
use skafu_functions::rebuild::{Rebuild, RebuildError};
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
    events: Arc<dyn EventStore>,
    rows: Arc<dyn ViewStore>,
}

impl Views {
    fn new(place: &Place, table: Option<&str>) -> Result<Self, Failure> {
        let events: Arc<dyn EventStore> = Arc::new(place.events());
        let rows: Arc<dyn ViewStore> = Arc::new(place.views(table)?);
        Ok(Self { all: feeds(&events, &rows), events, rows })
    }

    /// What rebuilds and checks the view of that name.
    fn rebuild(&self, name: &str, wait: Duration) -> Result<Rebuild, Failure> {
        let feed = Arc::clone(self.named(name)?);
        Ok(Rebuild::new(feed, Arc::clone(&self.events), Arc::clone(&self.rows), wait))
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
            ViewsCommand::Status(args) => generations::status(global, args, &views).await,
            ViewsCommand::Rebuild(args) => rebuild::run(global, args, &views, &place).await,
            ViewsCommand::Rollback(args) => generations::rollback(global, args, &views).await,
            ViewsCommand::Abandon(args) => generations::abandon(global, args, &views).await,
            ViewsCommand::Verify(args) => verify::run(global, args, &views, &place).await,
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

/// A rebuild, or a look at a view, came to nothing.
fn failed(view: &str, error: RebuildError) -> Failure {
    match error {
        RebuildError::Store(error) => unreadable(error),
        RebuildError::Generations(error) => unregistered(error),
        RebuildError::Aggregate { source: ProjectError::Store(error), .. } => unreadable(error),
        error @ RebuildError::NoRollback(_) => Failure::chain("NO_ROLLBACK", &error),
        error @ RebuildError::NotBuilding(_) => Failure::chain("NOT_BUILDING", &error)
            .hint(&format!("somebody else ended it: see `skafu views status {view}`")),
        error @ RebuildError::Unfoldable { .. } => Failure::chain("UNFOLDABLE", &error)
            .hint(&format!("`skafu views parked {view}` lists them, `skafu views release {view} --all` tries them again once \
                 their events can be folded, `skafu views abandon {view}` ends the rebuild; what is shown stays")),
        error @ RebuildError::Differs(_) => Failure::chain("REBUILD_DIFFERS", &error)
            .hint(&format!("what is shown stays as it is; `skafu views abandon {view}` ends the rebuild")),
        error => Failure::chain("REBUILD_FAILED", &error).hint("the same command goes on where it was"),
    }
}
