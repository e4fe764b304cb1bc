use clap::{Args, Subcommand};

use crate::cli::aggregate::OfArgs;
use crate::cli::store::PlaceArgs;

const PARKED_EXAMPLES: &str = "\
Examples:
  skafu views parked
  skafu views parked project --json
  skafu views parked --endpoint https://dynamodb.eu-west-1.amazonaws.com \\
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
    /// List the aggregates that are parked: an event could not be folded, and nothing newer is shown
    ///
    /// With --json: `parked`, each with `view`, `tenant`, `kind`, `id`, `event`, `error`, `at` and `receives`
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
