//! The `skafu` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: a worker has no threads, no log and no command line.
    if let Some(code) = skafu_forge::sandbox::serve_if_asked() {
        return code;
    }
    skafu::cli::run()
}
