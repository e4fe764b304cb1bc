//! `skafu store`: looks into an event store, wherever it is, without writing.

mod args;
mod checkpoint;
mod dump;
mod output;
mod place;
mod progress;
mod read;
mod segments;
mod size;
mod stats;
mod verify;

use std::process::ExitCode;
use std::sync::Arc;

use args::StoreCommand;

use super::args::Global;
use super::failure::Failure;
use super::session::runtime;

pub(super) use args::{PlaceArgs, StoreArgs, tenant};
pub(super) use output::print;
pub(super) use place::{Machine, Place, Served};
pub(super) use read::{Item, Scope, Table};

/// Runs one of the commands.
pub(super) fn run(global: &Global, args: &StoreArgs) -> Result<ExitCode, Failure> {
    let place = Place::open(global, &args.place)?;
    runtime()?.block_on(async {
        let table = Arc::new(Table::new(&place));
        match &args.command {
            StoreCommand::Dump(dump) => dump::run(global, dump, &place, &table).await,
            StoreCommand::Stats(segments) => stats::run(global, segments, &table).await,
            StoreCommand::Verify(verify) => verify::run(global, verify, &place, &table).await,
        }
    })
}
