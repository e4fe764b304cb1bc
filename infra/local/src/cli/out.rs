use std::io::{self, ErrorKind, Write};

/// Writes a line to standard output. What happens goes on whether or not anybody reads of it, so a closed
/// pipe is no failure, and a full disk is told where logs go.
pub(in crate::cli) fn line(text: &str) {
    let mut out = io::stdout().lock();
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    if let Err(error) =
        written.or_else(|error| if error.kind() == ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
    {
        tracing::error!(%error, "standard output cannot be written");
    }
}

/// As a shell takes it.
pub(in crate::cli) fn quoted(path: &str) -> String {
    let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c));
    if plain { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

/// Like `println!`, but never panics.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::cli::out::line(&format!($($text)*))
    };
}
pub(in crate::cli) use say;
