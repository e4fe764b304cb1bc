use std::path::PathBuf;

use clap::Subcommand;

use crate::cli::args::parameter;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TemplateArgs {
    #[command(subcommand)]
    pub command: TemplateCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TemplateCommand {
    /// Render a template into a directory, in Skafu's or cookiecutter's layout
    ///
    /// Parameters that are not set have the template's own defaults. Hooks are never run. What a template can do is
    /// bounded: its expressions reach neither files nor the network, and it is rendered by a process of its own with
    /// limits of memory and time.
    Render(RenderArgs),
    /// Say everything that is wrong with a template, and what it asks
    Check(CheckArgs),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RenderArgs {
    /// A directory, a zip archive or a git bundle
    pub path: PathBuf,
    /// Where the rendered top directory shall stand; made if it is not there
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// A value for one of the template's parameters; may be given often
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parameter)]
    pub parameters: Vec<(String, String)>,
    #[command(flatten)]
    pub bounds: Bounds,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CheckArgs {
    /// A directory, a zip archive or a git bundle
    pub path: PathBuf,
    #[command(flatten)]
    pub bounds: Bounds,
}

/// How much a template may take.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Bounds {
    /// The most memory, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 512, value_parser = clap::value_parser!(u64).range(128..))]
    pub memory: u64,
    /// The most time, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub time: u64,
}
