use clap::{Args, Subcommand};
use skafu_events::Tenant;

use super::creation::Status;
use crate::cli::store::{PlaceArgs, tenant};

const LIST_EXAMPLES: &str = "\
Examples:
  skafu saga list
  skafu saga list --status stuck --json
  skafu saga list --tenant acme --status failed
  skafu saga list --endpoint https://dynamodb.eu-west-1.amazonaws.com --table skafu-events";

const RETRY_EXAMPLES: &str = "\
Examples:
  skafu saga retry 305a48ab-0be3-592c-8f28-88ef2bf2f2f3
  skafu saga retry acme/PROJECT#305a48ab-0be3-592c-8f28-88ef2bf2f2f3
  skafu saga retry 305a48ab-0be3-592c-8f28-88ef2bf2f2f3 --tenant acme --give-up";

/// `skafu saga`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SagaArgs {
    #[command(subcommand)]
    pub command: SagaCommand,
    #[command(flatten)]
    pub place: PlaceArgs,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SagaCommand {
    /// List every project with how its creation stands, in the order of the table
    ///
    /// `succeeded`: it has its repository, whatever became of it later. `compensated`: it failed, and nothing is
    /// left of it. `failed`: it failed, and what it made is kept for another attempt. `stuck`: it could not be
    /// undone, or its execution on this machine ended before its time. `running`: everything else.
    ///
    /// With --json: `sagas`, each with `projectId`, `tenant`, `name`, `attempt`, `status`, `failedStep`,
    /// `errorCode` and `since`; and `unreadable`, how many projects could not be read. Those are told on
    /// standard error, and the exit code is then 1.
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Print one creation: how it stands, the way out, and every step of every execution
    ///
    /// Steps are told from this machine's journal; where that is not at hand, from the events.
    ///
    /// With --json: what `list` tells of it, and `message`, `repository`, `wayOut` and `executions`, each with `name`,
    /// `source` (`journal` or `events`), `status`, `error`, `startedAt`, `stoppedAt` and `steps`, each with `name`, `state`,
    /// `tries`, `beganAt`, `endedAt`, `error` (`name` and `message`) and `output` (a reference).
    Show(SubjectArgs),
    /// Try again: the creation, if it was kept; else its undoing, if it is stuck
    ///
    /// With --json: `projectId`, `tenant`, `command`, `commandId`, `attempt` and `version`.
    #[command(after_help = RETRY_EXAMPLES)]
    Retry(RetryArgs),
    /// Say that a stuck creation was seen to by hand; the project's name is free again
    ///
    /// Nothing is removed by this. With --json: as of `retry`.
    Resolve(ResolveArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ListArgs {
    /// Only this tenant's projects
    #[arg(long, value_parser = tenant)]
    pub tenant: Option<Tenant>,
    /// Only creations that stand so
    #[arg(long, value_enum)]
    pub status: Option<Status>,
}

/// Which project.
#[derive(Debug, Args)]
pub(in crate::cli) struct SubjectArgs {
    /// The project's id; or with its tenant, `TENANT/PROJECT#ID`
    #[arg(value_name = "PROJECT_ID")]
    pub id: String,
    /// Its tenant; without it, the whole table is searched for the id
    #[arg(long, value_parser = tenant)]
    pub tenant: Option<Tenant>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RetryArgs {
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// Have an attempt undone that looks as if it ran: nobody carries it on
    ///
    /// On this machine the journal tells by itself; of a stack elsewhere you know that its execution has ended.
    #[arg(long)]
    pub give_up: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ResolveArgs {
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// What was done, in 1 to 200 characters
    #[arg(long, value_name = "TEXT")]
    pub note: String,
}
