//! The `skafu` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    skafu::cli::run()
}
