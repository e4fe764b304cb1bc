//! `skafu aggregate`: one aggregate as it stands, as it stood, and what changed, without writing.

mod args;
mod diff;
mod moment;
mod show;
mod state;
mod subject;

use std::process::ExitCode;

use super::args::Global;
use super::failure::Failure;
use super::session::runtime;
use super::store::Place;
use args::AggregateCommand;

pub(super) use args::{AggregateArgs, OfArgs};
pub(super) use state::State;
pub(super) use subject::{candidates, identity};

/// Runs one of the commands.
pub(super) fn run(global: &Global, args: &AggregateArgs) -> Result<ExitCode, Failure> {
    let place = Place::open(global, &args.place)?;
    runtime()?.block_on(async {
        let store = place.events();
        match &args.command {
            AggregateCommand::Show(args) => {
                show::run(global, args, &subject::load(&store, &args.subject).await?)
            }
            AggregateCommand::Diff(args) => {
                diff::run(global, args, &subject::load(&store, &args.subject).await?)
            }
        }
    })
}
