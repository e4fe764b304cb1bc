use std::time::Duration;

use clap::{Args, Subcommand};
use skafu_events::Timestamp;

use crate::cli::aggregate::OfArgs;
use crate::cli::store::PlaceArgs;

const PARKED_EXAMPLES: &str = "\
Examples:
  skafu views parked
  skafu views parked project --json
  skafu views parked --endpoint https://dynamodb.eu-west-1.amazonaws.com \\
      --table skafu-events --view-table skafu-views";

const REBUILD_EXAMPLES: &str = "\
Examples:
  skafu views rebuild project
  skafu views rebuild user --dry-run
  skafu views rebuild project --aggregate 305a48ab-0be3-592c-8f28-88ef2bf2f2f3 --tenant acme
  skafu views rebuild activity --from 2026-01-31T10:00:00Z --to 2026-02-01T00:00:00Z
  skafu views rebuild project --keep 7d --endpoint https://dynamodb.eu-west-1.amazonaws.com \\
      --table skafu-events --view-table skafu-views";

const RELEASE_EXAMPLES: &str = "\
Examples:
  skafu views release project 305a48ab-0be3-592c-8f28-88ef2bf2f2f3 --tenant acme
  skafu views release project acme/PROJECT#305a48ab-0be3-592c-8f28-88ef2bf2f2f3
  skafu views release project --all";

/// `skafu views`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ViewsArgs {
    #[command(subcommand)]
    pub command: ViewsCommand,
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The view table; without it, the one the stack has
    #[arg(long, global = true, value_name = "NAME")]
    pub view_table: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ViewsCommand {
    /// List each view's generations: which one is shown, which is being built, which one can go back to
    ///
    /// With --json: `views`, each with `view`, `fold` (this code's), `stale` (whether what is shown was made by
    /// another fold) and `generations`, each with `number`, `fold` and `state`.
    Status(StatusArgs),
    /// Make a view's rows anew from all events, while everything goes on
    ///
    /// A new generation of rows grows beside the one that is shown, is checked against fresh folds, and takes
    /// its place. Interrupted, the same command goes on where it was. With --aggregate, --event-type or
    /// --from and --to, the rows of some aggregates are made anew in place instead.
    ///
    /// With --json: `view`, `generation`, `resumed`, `commits`, `events`, `aggregates`, `parked`, `sample` and
    /// `keptUntil`; for some aggregates: `selected`, `wrong`, `written` and `findings`; for a dry run of all:
    /// `dryRun`, `commits`, `events`, `aggregates`, `unfoldable` and `findings`.
    #[command(after_help = REBUILD_EXAMPLES)]
    Rebuild(RebuildArgs),
    /// Show the generation before the last rebuild again, as long as it is kept
    ///
    /// A second rollback goes forward again. With --json: `view`, `generation` (shown from now on) and `before`.
    Rollback(OneArgs),
    /// End a rebuild that is not to be finished; what is shown stays
    Abandon(OneArgs),
    /// Compare a view with fresh folds of every aggregate; the exit code is 1 if anything differs
    ///
    /// It looks for the rows the events ask for. One that no event asks for is not found; a rebuild leaves it behind.
    ///
    /// With --json: `view`, `generation`, `aggregates`, `events`, `parked`, `wrong` and `findings` (the first
    /// hundred), each with `stream`, `kind` (`differs`, `behind` or `unfoldable`), `shown`, `version` and
    /// `differences`.
    Verify(VerifyArgs),
    /// List the aggregates that are parked: an event could not be folded, and nothing newer is shown
    ///
    /// With --json: `parked`, each with `view`, `generation`, `tenant`, `kind`, `id`, `event`, `error`, `at` and `receives`
    /// (how often the event had been delivered by then). The exit code is 0 whether or not any is parked.
    #[command(after_help = PARKED_EXAMPLES)]
    Parked(ParkedArgs),
    /// Bring parked aggregates up to date, with everything they missed
    ///
    /// Do so once the view's code can fold the event. One that still cannot be folded stays parked and is
    /// told with the reason; the exit code is then 1.
    ///
    /// With --json: `view` and `aggregates`, each with `tenant`, `kind`, `id`, `outcome` (`released`, `parked`
    /// or `failed`) and, unless it was released, `error`.
    #[command(after_help = RELEASE_EXAMPLES, override_usage = "skafu views release [OPTIONS] <NAME> <ID|--all>")]
    Release(ReleaseArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct StatusArgs {
    /// The view; without it, all of them
    #[arg(value_name = "NAME")]
    pub view: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RebuildArgs {
    /// The view: project, user, analytics, template, activity or operation
    #[arg(value_name = "NAME")]
    pub view: String,
    /// Write nothing: fold everything and tell what cannot be; for some aggregates, what is not as it must be
    ///
    /// The exit code is 1 if there is anything. What is shown wrongly in a whole view, `verify` tells.
    #[arg(long)]
    pub dry_run: bool,
    /// Only this aggregate, in place: its id, or `PROJECT#ID`, or `TENANT/PROJECT#ID`
    #[arg(long, value_name = "ID", conflicts_with_all = ["event_type", "from", "to"])]
    pub aggregate: Option<String>,
    /// Only aggregates to which such an event has happened, in place: `ProjectUpdated`
    #[arg(long, value_name = "TYPE", conflicts_with_all = ["from", "to"])]
    pub event_type: Option<String>,
    /// Only aggregates to which something has happened at or after that time, in place
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub from: Option<Timestamp>,
    /// Only aggregates to which something has happened before that time, in place
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub to: Option<Timestamp>,
    #[command(flatten)]
    pub of: OfArgs,
    /// Into how many segments the scan is divided; all are read at once
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub segments: u32,
    /// How long the generation before is kept in step, so that one can go back: `90s`, `30m`, `24h`, `7d`
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = duration,
          conflicts_with_all = ["aggregate", "event_type", "from", "to"])]
    pub keep: Duration,
    /// How long to wait for projectors that do not know the new generation yet
    ///
    /// Without it: as long as one may run, with --endpoint; not at all on this machine, where the system's
    /// code is known.
    #[arg(long, value_name = "DURATION", value_parser = duration,
          conflicts_with_all = ["aggregate", "event_type", "from", "to"])]
    pub wait: Option<Duration>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct VerifyArgs {
    /// The view
    #[arg(value_name = "NAME")]
    pub view: String,
    /// Into how many segments the scan is divided; all are read at once
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub segments: u32,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct OneArgs {
    /// The view
    #[arg(value_name = "NAME")]
    pub view: String,
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    text.parse().map_err(|_| "must be a time as in RFC 3339: `2026-01-31T10:00:00Z`")
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    let wrong = "must be a number with a unit: `90s`, `30m`, `24h` or `7d`";
    let (number, unit) = text.split_at(text.len() - text.chars().last().map_or(0, char::len_utf8));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wrong),
    };
    let number: u32 = number.parse().map_err(|_| wrong)?;
    Ok(Duration::from_secs(u64::from(number) * seconds))
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ParkedArgs {
    /// The view; without it, all of them
    #[arg(value_name = "NAME")]
    pub view: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ReleaseArgs {
    /// The view
    #[arg(value_name = "NAME")]
    pub view: String,
    /// The aggregate's id; or with its kind, `PROJECT#ID`; or with its tenant too, `TENANT/PROJECT#ID`
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    pub id: Option<String>,
    /// Every aggregate that is parked in the view, of all tenants
    #[arg(long, conflicts_with_all = ["kind", "tenant"])]
    pub all: bool,
    #[command(flatten)]
    pub of: OfArgs,
}
