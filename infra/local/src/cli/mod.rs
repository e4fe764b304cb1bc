//! The command line.

mod access;
mod aggregate;
mod args;
mod dev;
mod dlq;
mod failure;
mod new;
mod out;
mod progress;
mod saga;
mod session;
mod store;
mod template;
mod token;
mod views;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use args::{Args, Command, DevArgs};
use failure::Failure;

/// Runs the command the process was started with.
pub fn run() -> ExitCode {
    let args = Args::parse();
    let command = args.command.unwrap_or(Command::Dev(DevArgs::default()));
    start_log(matches!(command, Command::Dev(_)));
    let done = match command {
        Command::Dev(dev) => dev::run(&args.global, &dev),
        Command::New(new) => new::run(&args.global, &new),
        Command::Template(template) => template::run(&args.global, &template),
        Command::Token(token) => token::run(&args.global, &token),
        Command::Store(store) => store::run(&args.global, &store),
        Command::Aggregate(aggregate) => aggregate::run(&args.global, &aggregate),
        Command::Views(views) => views::run(&args.global, &views),
        Command::Dlq(dlq) => dlq::run(&args.global, &dlq),
        Command::Saga(saga) => saga::run(&args.global, &saga),
    };
    done.unwrap_or_else(|failure: Failure| failure.report(args.global.json))
}

/// Logs go to standard error; `RUST_LOG` says which.
fn start_log(serves: bool) {
    // The embedded DynamoDB warns of every failed condition, which for us is an answer like any other.
    let default = if serves { "info,dynoxide=error" } else { "warn,dynoxide=error" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
