//! `skafu dlq`: the messages that were given up, on this machine.

mod args;
mod letters;
mod list;
mod redrive;
mod show;

use std::process::ExitCode;

use super::args::Global;
use super::failure::Failure;
use args::DlqCommand;
use letters::Letters;

pub(super) use args::DlqArgs;

/// Runs one of the commands.
pub(super) fn run(global: &Global, args: &DlqArgs) -> Result<ExitCode, Failure> {
    let mut letters = Letters::open(global)?;
    match &args.command {
        DlqCommand::List => list::run(global, &mut letters),
        DlqCommand::Show(args) => show::run(global, args, &mut letters),
        DlqCommand::Redrive(args) => redrive::run(global, args, &mut letters),
    }
}
