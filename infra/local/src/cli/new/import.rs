use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use skafu_events::template::FileMode;
use skafu_forge::sandbox::{Inspection, Renderer, Sandbox};
use skafu_forge::source::{EntryKind, Limits, SourceError, SourceFile, open};
use skafu_forge::template::slug;
use uuid::Uuid;

use super::report::Report;
use crate::cli::failure::Failure;
use crate::cli::session::Session;
use crate::cli::template::failure;

/// The most content of one upload: with base64 and JSON around it, it stays below the limit of a body.
const BATCH_BYTES: usize = 600 * 1024;

/// What the inspection may take: as for `skafu template check`.
const MEMORY: u64 = 512 * 1024 * 1024;
const TIME: Duration = Duration::from_secs(60);

/// Publishes a directory as a template of the caller's tenant, by the commands anybody would send.
pub(super) fn import(session: &mut Session, path: &Path, report: &Report) -> Result<String, Failure> {
    let files = read(path)?;
    let template = inspect(path, files.clone())?;
    let name =
        path.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    let id = template.descriptor.id.clone().unwrap_or_else(|| slug(name.as_deref().unwrap_or("template")));
    let uploads = uploads(&id, &files)?;

    let created = send(session, "CreateTemplate", &describe(&id, name.as_deref(), &template));
    match created {
        Err(failure) if !failure.is("ALREADY_EXISTS") => return Err(failure),
        _ => {}
    }
    for upload in &uploads {
        send(session, "UploadTemplateFiles", upload)?;
    }
    send(session, "PublishTemplate", &json!({ "templateId": id }))?;
    report.imported(&id, files.len(), &template.notes);
    Ok(id)
}

/// A directory, a zip archive or a git bundle, within the limits of the platform.
fn read(path: &Path) -> Result<Vec<SourceFile>, Failure> {
    let unreadable = |error: SourceError| Failure::chain("TEMPLATE_UNREADABLE", &error);
    let scratch = tempfile::TempDir::new()?;
    let source = open(path, scratch.path(), Limits::PLATFORM).map_err(unreadable)?;
    let mut files = Vec::new();
    for (at, entry) in source.entries().iter().enumerate() {
        if let EntryKind::File(mode) = entry.kind {
            let content = source.read(at).map_err(unreadable)?;
            files.push(SourceFile { path: entry.path.clone(), mode, content });
        }
    }
    Ok(files)
}

/// Before anything is uploaded, and where it can do no harm.
fn inspect(path: &Path, files: Vec<SourceFile>) -> Result<Inspection, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let sandbox = Sandbox::of_this_program(Limits::PLATFORM, MEMORY, TIME)
        .map_err(|error| Failure::chain("SANDBOX_UNAVAILABLE", &error))?;
    runtime.block_on(sandbox.inspect(files)).map_err(|error| failure(error, path))
}

fn send(session: &mut Session, command: &str, data: &Value) -> Result<(), Failure> {
    let command_id = Uuid::now_v7();
    session.request(|client| client.command("template", command, command_id, data)).map(drop)
}

fn describe(id: &str, name: Option<&str>, template: &Inspection) -> Value {
    let descriptor = &template.descriptor;
    json!({
        "templateId": id,
        "name": descriptor.name.as_deref().or(name).unwrap_or(id),
        "type": descriptor.template_type,
        "description": descriptor.description,
    })
}

/// The files in as many uploads as it takes; the first replaces whatever was there.
fn uploads(id: &str, files: &[SourceFile]) -> Result<Vec<Value>, Failure> {
    let mut batches: Vec<(usize, Vec<Value>)> = vec![(0, Vec::new())];
    for file in files {
        let size = file.content.len() + file.path.len();
        if size > BATCH_BYTES {
            let message = format!("{} is too large to import: at most {BATCH_BYTES} bytes", file.path);
            return Err(Failure::new("PAYLOAD_TOO_LARGE", message));
        }
        let full = batches.last().is_some_and(|(bytes, _)| bytes + size > BATCH_BYTES);
        if full {
            batches.push((0, Vec::new()));
        }
        if let Some((bytes, batch)) = batches.last_mut() {
            *bytes += size;
            batch.push(input(file));
        }
    }
    let upload = |(at, (_, files)): (usize, (usize, Vec<Value>))| json!({ "templateId": id, "replace": at == 0, "files": files });
    Ok(batches.into_iter().enumerate().map(upload).collect())
}

fn input(file: &SourceFile) -> Value {
    let executable = file.mode == FileMode::Executable;
    match (file.mode, std::str::from_utf8(&file.content)) {
        (FileMode::Symlink, Ok(target)) => json!({ "path": file.path, "symlink": target }),
        (_, Ok(text)) => json!({ "path": file.path, "text": text, "executable": executable }),
        (_, Err(_)) => {
            json!({ "path": file.path, "base64": STANDARD.encode(&file.content), "executable": executable })
        }
    }
}
