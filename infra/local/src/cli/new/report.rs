use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::out::{quoted, say};
use crate::system::Step;

/// Tells people or programs what happens.
pub(super) struct Report {
    json: bool,
}

/// What came of it.
pub(super) struct Outcome {
    pub project_id: String,
    pub status: String,
    /// As GraphQL shows it.
    pub project: Value,
    pub steps: Vec<Step>,
    /// From the start of the process.
    pub took: Duration,
}

impl Outcome {
    /// The repository's path, where it is on this machine.
    fn path(&self) -> Option<&str> {
        self.project["repository"]["cloneUrl"].as_str().map(|url| url.strip_prefix("file://").unwrap_or(url))
    }
}

impl Report {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    pub(super) fn imported(&self, template_id: &str, files: usize, notes: &[String]) {
        if self.json {
            return;
        }
        say!("Imported template {template_id} ({files} files)");
        for note in notes {
            say!("  note: {note}");
        }
    }

    /// On standard error, so that it is seen beside JSON too.
    pub(super) fn warn(&self, message: &str) {
        eprintln!("warning: {message}");
    }

    pub(super) fn begin(&self, name: &str, template_id: &str) {
        if !self.json {
            say!("Creating {name} from {template_id}");
        }
    }

    pub(super) fn step(&self, step: &Step) {
        if self.json {
            return;
        }
        let took = step.ms.map(|ms| format!("{ms:>8.1} ms")).unwrap_or_default();
        match &step.error {
            Some(error) => say!("  {:<22}{took}  {error}", step.name),
            None => say!("  {:<22}{took}", step.name),
        }
    }

    /// The last word, and the exit code: success only if the project is ready.
    pub(super) fn end(&self, outcome: &Outcome, peak_memory: Option<u64>) -> ExitCode {
        let ready = outcome.status == "ready";
        let failure = &outcome.project["failure"];
        if self.json {
            say!("{}", as_json(outcome));
        } else if ready {
            let memory = peak_memory.map(|mb| format!(", {mb} MB at most")).unwrap_or_default();
            say!("Project {} is ready: {:.2} s{memory}", outcome.project_id, outcome.took.as_secs_f64());
            if let Some(path) = outcome.path() {
                say!("Repository {path}");
                say!("git clone {}", quoted(path));
            }
        } else {
            let reason = failure["message"].as_str().unwrap_or("the system has not said why yet");
            eprintln!("error: project {} is {}: {reason}", outcome.project_id, outcome.status);
        }
        if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn as_json(outcome: &Outcome) -> Value {
    let steps: Vec<_> =
        outcome.steps.iter().map(|step| json!({ "name": step.name, "ms": step.ms })).collect();
    let mut object = json!({
        "projectId": outcome.project_id,
        "status": outcome.status,
        "repository": outcome.path().map(|path| json!({ "path": path })),
        "steps": steps,
        "ms": (outcome.took.as_secs_f64() * 1_000_000.0).round() / 1000.0,
    });
    if !outcome.project["failure"].is_null() {
        object["error"] = outcome.project["failure"].clone();
    }
    object
}

/// The most memory this process has had, in MB; only Linux tells.
pub(super) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes.div_ceil(1024))
}
