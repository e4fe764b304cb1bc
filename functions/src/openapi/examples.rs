//! What is asked for, by way of example.

use serde_json::{Value, json};

const PROJECT: &str = "063b8112-01c0-599f-93af-e2f7ed65f882";

/// The `data` of one command. A test holds that every command of the document has some, and that it is accepted as
/// that command's.
pub(super) fn data(command: &str) -> Option<Value> {
    Some(match command {
        "CreateProject" => json!({
            "name": "Demo Shop",
            "description": "Sells things.",
            "templateId": "sam-python-api",
            "templateParameters": { "runtime": "python3.12" },
            "options": { "onFailure": "keepForRetry" },
        }),
        "UpdateProject" => json!({
            "projectId": PROJECT,
            "description": "Sells more things.",
            "configuration": { "region": "eu-west-1", "features": ["tracing"] },
        }),
        "ArchiveProject" => json!({ "projectId": PROJECT, "reason": "The season is over." }),
        "RestoreProject" => json!({ "projectId": PROJECT, "reason": "The next season begins." }),
        "DeleteProject" => json!({ "projectId": PROJECT, "reason": "Nobody buys." }),
        "RetryProjectCreation" | "RetryCompensation" => json!({ "projectId": PROJECT }),
        "ResolveProjectCreation" => {
            json!({ "projectId": PROJECT, "note": "Removed the repository by hand." })
        }
        "CreateTemplate" => {
            json!({ "templateId": "tiny-service", "name": "Tiny service", "type": "service" })
        }
        "UploadTemplateFiles" => json!({
            "templateId": "tiny-service",
            "replace": true,
            "files": [
                { "path": "README.md.j2", "text": "# {{ project_name }}\n" },
                { "path": "run.sh", "base64": "IyEvYmluL3NoCg==", "executable": true },
                { "path": "start", "symlink": "run.sh" },
            ],
        }),
        "PublishTemplate" => json!({ "templateId": "tiny-service" }),
        _ => return None,
    })
}
