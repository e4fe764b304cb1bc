use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use serde_json::json;
use skafu_forge::sandbox::{RenderInto, Rendered};
use skafu_functions::commands::violation;
use tempfile::TempDir;

use super::args::RenderArgs;
use super::{failure, sandbox, unreadable};
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::out::say;
use crate::cli::progress::ProgressLine;

/// Renders beside the place where the result shall stand, and moves it there once it is whole.
pub(super) async fn run(global: &Global, args: &RenderArgs) -> Result<ExitCode, Failure> {
    let begun = Instant::now();
    let source = fs::canonicalize(&args.path).map_err(unreadable(&args.path))?;
    let out = Directory::make(&args.out)?;
    if source.is_dir() && out.path.starts_with(&source) {
        let message = format!("{} is inside the template: choose another --out", args.out.display());
        return Err(Failure::new("OUTPUT_INSIDE_TEMPLATE", message));
    }
    let staging = tempfile::Builder::new().prefix(".skafu-").tempdir_in(&out.path);
    let staging = staging.map_err(unwritable(&args.out))?;
    let scratch = TempDir::new()?;
    let mut progress = ProgressLine::new();
    let task = RenderInto {
        source,
        scratch: scratch.path().to_owned(),
        staging: staging.path().to_owned(),
        out: out.path.clone(),
        given: args.parameters.clone(),
    };
    let rendered = sandbox(&args.bounds)?
        .render_into(task, &mut |done, total| progress.show(|| format!("Rendering {done} of {total} files")))
        .await
        .map_err(|error| failure(error, &args.path))?;
    drop(progress);
    let place = take_over(&staging, &out.path, &rendered)?;
    out.keep();
    report(global, args, &place, &rendered, begun);
    Ok(ExitCode::SUCCESS)
}

/// Moves what was made out of the staging directory. A name of several parts is moved by its first, so that nothing
/// is written through what is there already.
fn take_over(staging: &TempDir, out: &Path, rendered: &Rendered) -> Result<PathBuf, Failure> {
    let first = rendered.top.split('/').next().unwrap_or(&rendered.top);
    let place = out.join(first);
    // If something came there in the meantime, only an empty directory is replaced.
    fs::rename(staging.path().join(first), &place).map_err(unwritable(&place))?;
    Ok(out.join(&rendered.top))
}

fn report(global: &Global, args: &RenderArgs, place: &Path, rendered: &Rendered, begun: Instant) {
    let took = begun.elapsed();
    if global.json {
        say!(
            "{}",
            json!({
                "path": args.out.join(&rendered.top),
                "files": rendered.files,
                "bytes": rendered.bytes,
                "notes": rendered.notes,
                "warnings": rendered.warnings,
                "ms": (took.as_secs_f64() * 1_000_000.0).round() / 1000.0,
            })
        );
        return;
    }
    say!("Rendered {} ({} files, {:.2} s)", place.display(), rendered.files, took.as_secs_f64());
    for note in &rendered.notes {
        say!("  note: {note}");
    }
    for warning in &rendered.warnings {
        let warning = violation(warning);
        say!("  warning: {} ({})", warning.message, warning.code);
    }
}

/// The directory to render into. What had to be made is removed again unless it is kept.
struct Directory {
    path: PathBuf,
    /// The innermost first.
    made: Vec<PathBuf>,
}

impl Directory {
    fn make(path: &Path) -> Result<Self, Failure> {
        let missing = path.ancestors().take_while(|it| !it.as_os_str().is_empty() && !it.exists());
        let mut directory = Self { path: path.to_owned(), made: missing.map(Path::to_owned).collect() };
        fs::create_dir_all(path).map_err(unwritable(path))?;
        directory.path = fs::canonicalize(path).map_err(unwritable(path))?;
        Ok(directory)
    }

    fn keep(mut self) {
        self.made.clear();
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        for made in &self.made {
            // Only if nothing came into it; what cannot be removed is empty and harms nobody.
            let _ = fs::remove_dir(made);
        }
    }
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    let path = path.to_owned();
    move |error| Failure::new("OUTPUT_UNWRITABLE", format!("cannot write {}: {error}", path.display()))
}
