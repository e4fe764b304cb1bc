use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use crate::cli::failure::Failure;

/// Writes a result to standard output, and says with what the command ends. Whoever stopped reading has
/// seen enough: that is no failure.
pub(in crate::cli) fn print(text: &str, code: ExitCode) -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.trim_end().as_bytes()).and_then(|()| out.write_all(b"\n"));
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(code),
    }
}
