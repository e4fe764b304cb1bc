use serde_json::{Value, json};
use skafu_domain::Principal;
use skafu_domain::template::revision;
use skafu_events::Tenant;
use skafu_events::template::{FileMode, TemplateFile};
use skafu_forge::builtin::{self, Builtin};
use skafu_forge::template::inspect;
use skafu_store::{Consistency, EventStore};
use uuid::Uuid;

use crate::commands::Commands;
use crate::gateway::{InternalAnswer, InternalCommand};
use crate::{Problem, template_files, templates};

/// A built-in template could not be published. Trying again goes on where this ended.
#[derive(Debug, thiserror::Error)]
#[error("the built-in template {template} could not be published")]
pub struct CatalogueError {
    /// The template's id.
    pub template: String,
    /// What it was refused with.
    #[source]
    pub problem: Problem,
}

/// Publishes what is not published yet, and returns how many that were. What is costs one query per template.
pub async fn publish(events: &dyn EventStore, commands: &Commands) -> Result<usize, CatalogueError> {
    let mut published = 0;
    for template in builtin::all() {
        let failed = |problem: Problem| CatalogueError { template: template.id.to_owned(), problem };
        let shared = Tenant::shared();
        let found = templates::find(events, &shared, template.id, Consistency::Strong).await;
        let found = found.map_err(failed)?;
        if found.as_ref().is_some_and(|found| found.published.revision == wanted(template)) {
            continue;
        }
        if found.is_none() {
            send(commands, "CreateTemplate", describe(template)).await.map_err(failed)?;
        }
        send(commands, "UploadTemplateFiles", upload(template)).await.map_err(failed)?;
        send(commands, "PublishTemplate", json!({ "templateId": template.id })).await.map_err(failed)?;
        published += 1;
    }
    Ok(published)
}

async fn send(commands: &Commands, command: &str, data: Value) -> Result<(), Problem> {
    let command = InternalCommand {
        principal: Principal::operator(),
        context: "template".to_owned(),
        command: command.to_owned(),
        body: json!({ "commandId": Uuid::now_v7(), "data": data }),
        tokens: None,
    };
    match commands.handle_internal(&command).await {
        InternalAnswer::Accepted(_) => Ok(()),
        // One that was interrupted may have created it.
        InternalAnswer::Refused(problem) if problem.code == "ALREADY_EXISTS" => Ok(()),
        InternalAnswer::Refused(problem) => Err(problem),
    }
}

fn describe(template: &Builtin) -> Value {
    let descriptor =
        inspect(&template.source_files()).map(|inspected| inspected.descriptor).unwrap_or_default();
    json!({
        "templateId": template.id,
        "name": descriptor.name.as_deref().unwrap_or(template.id),
        "type": descriptor.template_type,
        "description": descriptor.description,
    })
}

fn upload(template: &Builtin) -> Value {
    let file =
        |(path, content): &(&str, &[u8])| json!({ "path": path, "text": String::from_utf8_lossy(content) });
    let files: Vec<Value> = template.files.iter().map(file).collect();
    json!({ "templateId": template.id, "replace": true, "files": files })
}

/// The revision these files will have.
fn wanted(template: &Builtin) -> String {
    let file = |(path, content): &(&str, &[u8])| TemplateFile {
        path: (*path).to_owned(),
        sha256: template_files::sha256(content),
        size: content.len() as u64,
        mode: FileMode::Regular,
    };
    let files: Vec<_> = template.files.iter().map(file).collect();
    revision(&files)
}
