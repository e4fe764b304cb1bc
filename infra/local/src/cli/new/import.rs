use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use skafu_events::template::FileMode;
use skafu_forge::source::{SourceFile, read_directory};
use skafu_forge::template::{Template, inspect, slug};
use skafu_functions::commands::violation;
use uuid::Uuid;

use super::report::Report;
use crate::cli::failure::Failure;
use crate::cli::session::Session;

/// The most content of one upload: with base64 and JSON around it, it stays below the limit of a body.
const BATCH_BYTES: usize = 600 * 1024;

/// Publishes a directory as a template of the caller's tenant, by the commands anybody would send.
pub(super) fn import(session: &mut Session, path: &Path, report: &Report) -> Result<String, Failure> {
    let files = read_directory(path).map_err(|error| Failure::chain("TEMPLATE_UNREADABLE", &error))?;
    let template = inspect(&files).map_err(|findings| {
        let message = format!("the template {} does not pass its checks", path.display());
        let errors = findings.iter().filter(|finding| finding.is_error());
        Failure::new("TEMPLATE_INVALID", message).with(errors.map(violation).collect())
    })?;
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

fn send(session: &mut Session, command: &str, data: &Value) -> Result<(), Failure> {
    let command_id = Uuid::now_v7();
    session.request(|client| client.command("template", command, command_id, data)).map(drop)
}

fn describe(id: &str, name: Option<&str>, template: &Template) -> Value {
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
