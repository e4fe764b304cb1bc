use std::path::PathBuf;

use clap::{Args, Subcommand};
use skafu_events::{StreamId, Tenant};

/// `skafu store`.
#[derive(Debug, Args)]
pub(in crate::cli) struct StoreArgs {
    #[command(subcommand)]
    pub command: StoreCommand,
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Which event store.
#[derive(Debug, Args)]
pub(in crate::cli) struct PlaceArgs {
    /// A DynamoDB endpoint instead of --data, such as `https://dynamodb.eu-west-1.amazonaws.com`
    ///
    /// Credentials and region come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and
    /// AWS_REGION; an `http` endpoint of this machine needs none. Payloads that were too large for their
    /// commits are not read from there: they are kept beside the table.
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint: Option<String>,
    /// The event table; without it, the one the stack has
    #[arg(long, global = true, value_name = "NAME")]
    pub table: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum StoreCommand {
    /// Print every event: one JSON envelope per line, the events of each aggregate in order
    ///
    /// With --json, one object instead: `commits` (how many) and `events` (all of them, so for small
    /// stores). Commits that cannot be read are told on standard error, and the exit code is 1.
    Dump(DumpArgs),
    /// Count what is there: aggregates, commits, events by kind and type, and the extremes
    Stats(SegmentArgs),
    /// Check every event, and print what is wrong; the exit code is 1 if anything is
    ///
    /// Versions go 1, 2, 3 … in every stream, each event has the id its place gives it, no two have the
    /// same, every commit and every event can be read, no stream accepted a command twice, and each folds
    /// to an aggregate that exists.
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DumpArgs {
    /// Only this tenant's events
    #[arg(long, value_parser = tenant)]
    pub tenant: Option<Tenant>,
    /// Go on after this event, in the order of the dump: `TENANT/PROJECT#ID@VERSION`
    #[arg(long, value_name = "POSITION", value_parser = place_of_event, conflicts_with = "resume")]
    pub after: Option<(StreamId, u64)>,
    /// Keep the position in this file, and go on from it if it is there; removed at the end
    ///
    /// What was printed after the position was last kept is printed again: tell by the event's id.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub resume: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SegmentArgs {
    /// How many parts of the table to read at a time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub segments: u32,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct VerifyArgs {
    #[command(flatten)]
    pub segments: SegmentArgs,
    /// Keep what is done in this file, and go on from it if it is there; removed at the end
    ///
    /// The number of segments is then the file's.
    #[arg(long, value_name = "FILE")]
    pub resume: Option<PathBuf>,
}

/// A tenant, the shared one included: an operator sees them all.
pub(in crate::cli) fn tenant(text: &str) -> Result<Tenant, String> {
    Tenant::try_from(text.to_owned()).map_err(|error| error.to_string())
}

fn place_of_event(text: &str) -> Result<(StreamId, u64), String> {
    let parts = text.rsplit_once('@').and_then(|(stream, version)| Some((stream, version.parse().ok()?)));
    let (stream, version) = parts.ok_or("must be TENANT/PROJECT#ID@VERSION")?;
    Ok((stream.parse().map_err(|error| format!("{error}"))?, version))
}
