use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Examples:
  skafu dlq list
  skafu dlq show skafu-project-view-dlq --limit 3
  skafu dlq redrive skafu-project-view-dlq
  skafu dlq redrive --all --json

On AWS, the queues' own redrive does this: `aws sqs start-message-move-task`, or the console of SQS.";

/// `skafu dlq`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct DlqArgs {
    #[command(subcommand)]
    pub command: DlqCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DlqCommand {
    /// List every dead-letter queue, and what is in it
    ///
    /// With --json: `queues`, each with `name`, `serves` (whose messages it takes: `queue` or `stream`),
    /// `messages` (how many) and `oldestSentAt`. The exit code is 0 whether or not there are any.
    List,
    /// Print the oldest messages of a queue, which stay where they are
    ///
    /// With --json: `queue`, as in the list, and `letters`, each with `id`, `body`, `sentAt`, `from` (the
    /// queue that gave it up), `givenUpAt` and `receives` (how often it was received in all).
    Show(ShowArgs),
    /// Send messages back to where they came from, to be handled anew
    ///
    /// Do so once what made them fail is mended. With --json: `queues`, each with `name`, `redriven` and
    /// `left` (how many). Messages that no queue gave up have nowhere to go back to: if any are left, the
    /// exit code is 1.
    #[command(override_usage = "skafu dlq redrive [OPTIONS] <QUEUE|--all>")]
    Redrive(RedriveArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArgs {
    /// The dead-letter queue
    #[arg(value_name = "QUEUE")]
    pub queue: String,
    /// How many messages at most
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub limit: u16,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RedriveArgs {
    /// The dead-letter queue
    #[arg(value_name = "QUEUE", required_unless_present = "all", conflicts_with = "all")]
    pub queue: Option<String>,
    /// Every dead-letter queue that takes messages of other queues
    #[arg(long)]
    pub all: bool,
}
