//! `skafu saga`: how the creations of projects stand, and what brings those on that came to a halt.

mod args;
mod creation;
mod desk;
mod list;
mod send;
mod show;
mod standing;
mod steps;
mod subject;
mod way_out;

use std::process::ExitCode;

use super::args::Global;
use super::failure::Failure;
use super::session::runtime;
use args::SagaCommand;
use desk::Desk;

pub(super) use args::SagaArgs;

/// Runs one of the commands.
pub(super) fn run(global: &Global, args: &SagaArgs) -> Result<ExitCode, Failure> {
    let desk = Desk::open(global, args)?;
    runtime()?.block_on(async {
        match &args.command {
            SagaCommand::List(args) => list::run(global, args, &desk).await,
            SagaCommand::Show(args) => show::run(global, &desk, &subject::load(&desk, args).await?).await,
            SagaCommand::Retry(args) => {
                let standing = subject::load(&desk, &args.subject).await?;
                send::retry(global, args, &desk, &standing).await
            }
            SagaCommand::Resolve(args) => {
                let standing = subject::load(&desk, &args.subject).await?;
                send::resolve(global, args, &desk, &standing).await
            }
        }
    })
}

/// What others wrote, on one line of a terminal: no control character gets through.
fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn nothing_that_was_written_moves_the_cursor() {
        assert_eq!(plain("a\u{1b}[2Jb\nc\u{9b}d ü"), "a\\u{1b}[2Jb\\nc\\u{9b}d ü");
    }
}
