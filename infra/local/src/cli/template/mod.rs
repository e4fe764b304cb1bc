//! `skafu template`: templates where they are, without a system.

mod args;
mod check;
mod render;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use skafu_forge::sandbox::{RenderFailure, Sandbox};
use skafu_forge::source::Limits;
use skafu_forge::template::Finding;
use skafu_functions::commands::violation;

use super::args::Global;
use super::failure::Failure;
pub(super) use args::TemplateArgs;
use args::{Bounds, TemplateCommand};

/// The exit code of what was interrupted, as shells have it.
const INTERRUPTED: u8 = 130;

pub(super) fn run(global: &Global, args: &TemplateArgs) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let work = async {
            match &args.command {
                TemplateCommand::Render(args) => render::run(global, args).await,
                TemplateCommand::Check(args) => check::run(global, args).await,
            }
        };
        tokio::select! {
            done = work => done,
            // What was begun is dropped with the work: the worker is killed, its directories are removed.
            interrupted = interrupted() => {
                interrupted?;
                eprintln!("interrupted");
                Ok(ExitCode::from(INTERRUPTED))
            }
        }
    })
}

/// Ends when somebody wants this process to end.
async fn interrupted() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminated.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

fn sandbox(bounds: &Bounds) -> Result<Sandbox, Failure> {
    let memory = bounds.memory.saturating_mul(1024 * 1024);
    let time = Duration::from_secs(bounds.time);
    Sandbox::of_this_program(Limits::LOCAL, memory, time)
        .map_err(|error| Failure::chain("SANDBOX_UNAVAILABLE", &error))
}

pub(in crate::cli) fn failure(failure: RenderFailure, path: &Path) -> Failure {
    match failure {
        RenderFailure::Findings(findings) => {
            let message = format!("the template {} does not pass its checks", path.display());
            Failure::new("TEMPLATE_INVALID", message)
                .with(findings.iter().filter(|finding| finding.is_error()).map(violation).collect())
        }
        RenderFailure::Render(error) => {
            let message = format!("the template {} cannot be rendered", path.display());
            Failure::new("TEMPLATE_FAILED", message).with(vec![violation(&Finding::from(error))])
        }
        RenderFailure::Unavailable(error) => Failure::chain("SANDBOX_UNAVAILABLE", &error),
    }
}

fn unreadable(path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    let path = path.to_owned();
    move |error| Failure::new("TEMPLATE_UNREADABLE", format!("cannot read {}: {error}", path.display()))
}
