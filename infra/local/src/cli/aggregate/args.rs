use clap::{Args, Subcommand, ValueEnum};
use skafu_events::{AggregateKind, Tenant};

use super::moment::Moment;
use crate::cli::store::{PlaceArgs, tenant};

/// `skafu aggregate`.
#[derive(Debug, Args)]
pub(in crate::cli) struct AggregateArgs {
    #[command(subcommand)]
    pub command: AggregateCommand,
    #[command(flatten)]
    pub place: PlaceArgs,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AggregateCommand {
    /// Print the state folded from the events, and the events
    ///
    /// With --json: `tenant`, `kind`, `id`, `version`, `currentVersion`, `state` and `events`.
    Show(ShowArgs),
    /// Print the fields that differ between two versions
    ///
    /// With --json: `tenant`, `kind`, `id`, `from`, `to` and `changes`, each with its `path`, and
    /// `before` and `after` where it has a value.
    Diff(DiffArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArgs {
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// As it stood right after that version, or at that time (RFC 3339: `2026-01-31T10:00:00Z`)
    #[arg(long, value_name = "VERSION|TIME", allow_negative_numbers = true)]
    pub at: Option<Moment>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DiffArgs {
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// The version, or the time, to compare from; version 0 is before the first event
    #[arg(value_name = "A", allow_negative_numbers = true)]
    pub from: Moment,
    /// The version, or the time, to compare to
    #[arg(value_name = "B", allow_negative_numbers = true)]
    pub to: Moment,
}

/// Which aggregate.
#[derive(Debug, Args)]
pub(in crate::cli) struct SubjectArgs {
    /// Its id; or with its kind, `PROJECT#ID`; or with its tenant too, `TENANT/PROJECT#ID`
    #[arg(value_name = "ID")]
    pub id: String,
    #[command(flatten)]
    pub of: OfArgs,
}

/// What an id may leave out.
#[derive(Debug, Args)]
pub(in crate::cli) struct OfArgs {
    /// Its kind; without it, the first of these that has the id
    #[arg(long, value_enum)]
    pub kind: Option<Kind>,
    /// Its tenant; that of the built-in templates is `_shared` [default: local]
    #[arg(long, value_parser = tenant)]
    pub tenant: Option<Tenant>,
}

impl OfArgs {
    /// Whether anything is said.
    pub fn is_given(&self) -> bool {
        self.kind.is_some() || self.tenant.is_some()
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum Kind {
    Project,
    Template,
    Repository,
}

impl From<Kind> for AggregateKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Project => Self::Project,
            Kind::Template => Self::Template,
            Kind::Repository => Self::Repository,
        }
    }
}
