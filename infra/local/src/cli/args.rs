use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::aggregate::AggregateArgs;
use super::dlq::DlqArgs;
use super::saga::SagaArgs;
use super::store::StoreArgs;
use super::template::TemplateArgs;
use super::views::ViewsArgs;

/// Turns a request into a working git repository, on an event-sourced system that runs on this machine.
///
/// Without a command: `skafu dev --port 8080`.
#[derive(Debug, Parser)]
#[command(name = "skafu", version, max_term_width = 100)]
pub(super) struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every command takes.
#[derive(Debug, clap::Args)]
pub(super) struct Global {
    /// Where everything is kept. A system that runs on it is used; else it is opened
    #[arg(long, global = true, value_name = "DIR", default_value = ".skafu")]
    pub data: PathBuf,
    /// Print one JSON object instead of text
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start the whole system and serve it until Ctrl-C
    Dev(DevArgs),
    /// Create a project and wait for its repository
    New(NewArgs),
    /// Render or check a template where it is: no system, no questions
    Template(TemplateArgs),
    /// Print a token for the API
    Token(TokenArgs),
    /// Look into an event store, without writing: dump it, count what is there, check it
    Store(StoreArgs),
    /// Look at one aggregate as it stands or stood, without writing
    Aggregate(AggregateArgs),
    /// See which aggregates views no longer show, and bring them up to date
    Views(ViewsArgs),
    /// See the messages that were given up, and send them back (on this machine only)
    Dlq(DlqArgs),
    /// See how the creations of projects stand, and bring on those that came to a halt
    Saga(SagaArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct DevArgs {
    /// The port of the HTTP API, on this machine only; 0 is any free one
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// A manifest of GraphQL documents that may be asked for by their SHA-256 alone
    #[arg(long, value_name = "FILE")]
    pub trusted_documents: Option<PathBuf>,
    /// Execute the documents of that manifest and no others
    #[arg(long, requires = "trusted_documents")]
    pub only_trusted_documents: bool,
}

impl Default for DevArgs {
    fn default() -> Self {
        Self { port: 8080, trusted_documents: None, only_trusted_documents: false }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct NewArgs {
    /// The project's name: letters, digits, spaces, `_` and `-`
    pub name: String,
    /// A published template's id, or the path of a directory that is one (with a `/`: `./my-template`)
    #[arg(long)]
    pub template: String,
    /// A value for one of the template's parameters; may be given often
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parameter)]
    pub parameters: Vec<(String, String)>,
    /// A sentence or two about the project
    #[arg(long)]
    pub description: Option<String>,
    #[command(flatten)]
    pub caller: Caller,
}

/// On whose behalf.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Caller {
    /// The user to act as
    #[arg(long, default_value = "local")]
    pub user: String,
    /// The tenant to act in
    #[arg(long, default_value = "local")]
    pub tenant: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct TokenArgs {
    #[command(flatten)]
    pub caller: Caller,
    /// Admin, Developer or Viewer
    #[arg(long, default_value = "developer")]
    pub role: String,
    /// The user's e-mail
    #[arg(long)]
    pub email: Option<String>,
    /// How long it is valid, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    pub lifetime: u64,
}

pub(super) fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("must be NAME=VALUE".to_owned()),
    }
}
