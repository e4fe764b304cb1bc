//! Every command × everybody who may send it: the HTTP status it is answered with.

use crate::support::{Person, World, ada, alice, bob, project, text_files, vera, zoe};
use serde_json::{Value, json};
use skafu_domain::command::CATALOGUE;

/// Alice owns the project and the template; the others stand in some relation to her.
fn everybody() -> [(&'static str, Person); 6] {
    [
        ("admin", ada()),
        ("owner", alice()),
        ("other developer", bob()),
        ("viewer", vera()),
        ("no role", Person { groups: "[]", ..alice() }),
        ("other tenant's admin", zoe()),
    ]
}

/// A sound body's data. A command that is missing here has no place in the matrix yet.
fn data(command: &str, project_id: &str) -> Value {
    let repository = json!({
        "repositoryId": project_id, "name": "shop", "location": "acme/p/shop.git",
        "defaultBranch": "main", "initialCommitId": "c0ffee"
    });
    match command {
        "CreateProject" => project("Another", "sam-python-api"),
        "UpdateProject" => json!({ "projectId": project_id, "description": "Sells things" }),
        "ArchiveProject" | "RestoreProject" => json!({ "projectId": project_id }),
        "DeleteProject" => json!({ "projectId": project_id, "reason": "over" }),
        "RetryProjectCreation" | "RetryCompensation" => json!({ "projectId": project_id }),
        "ResolveProjectCreation" => json!({ "projectId": project_id, "note": "seen to" }),
        "BeginProvisioning" => json!({ "projectId": project_id, "attempt": 1 }),
        "CompensateProjectCreation" => json!({ "projectId": project_id, "attempt": 1, "compensations": [] }),
        "SelectTemplate" => json!({
            "projectId": project_id, "attempt": 1, "templateTenant": "acme", "templateRevision": "0",
            "parameters": {}
        }),
        "RecordRendering" => {
            json!({ "projectId": project_id, "attempt": 1, "bundleSha256": "0", "fileCount": 1 })
        }
        "ConfigureProject" => {
            json!({ "projectId": project_id, "attempt": 1, "repository": repository })
        }
        "FailProjectCreation" | "ReportStuckCreation" => json!({
            "projectId": project_id, "attempt": 1, "failedStep": "SelectTemplate",
            "error": { "code": "Rejected", "message": "no" }
        }),
        "CreateTemplate" => json!({ "templateId": "another", "name": "Another" }),
        "UploadTemplateFiles" => json!({ "templateId": "tiny", "files": text_files(&[("a", "b")]) }),
        "PublishTemplate" => json!({ "templateId": "tiny" }),
        "CreateRepository" => json!({ "projectId": project_id, "repository": repository, "fileCount": 1 }),
        "ConfigureRepository" => json!({ "projectId": project_id, "applied": [], "skipped": [] }),
        "DeleteRepository" => json!({ "projectId": project_id, "reason": "undone" }),
        unknown => panic!("{unknown} has no place in the matrix"),
    }
}

/// The rules in words, told apart from how they are written in code.
fn expected(command: &str, who: &str) -> u64 {
    match (command, who) {
        // Anybody who creates anything does so in their own tenant.
        ("CreateProject", "admin" | "owner" | "other developer" | "other tenant's admin") => 202,
        ("CreateTemplate", "admin" | "owner" | "other developer" | "other tenant's admin") => 200,
        ("UploadTemplateFiles" | "PublishTemplate", "admin" | "owner") => 200,
        // The same aggregate id in another tenant is nobody's: nothing to find, and no hint of ours.
        ("UpdateProject", "admin" | "owner") => 200,
        ("DeleteProject", "admin" | "owner") => 200,
        ("ArchiveProject" | "RestoreProject" | "RetryProjectCreation", "admin" | "owner") => 422,
        // A draft can be given up, but nothing of it is stuck.
        ("RetryCompensation", "admin") => 202,
        ("ResolveProjectCreation", "admin") => 422,
        (
            "UpdateProject"
            | "ArchiveProject"
            | "RestoreProject"
            | "DeleteProject"
            | "RetryProjectCreation"
            | "RetryCompensation"
            | "ResolveProjectCreation",
            "other tenant's admin",
        ) => 404,
        ("UploadTemplateFiles" | "PublishTemplate", "other tenant's admin") => 404,
        _ => 403,
    }
}

#[tokio::test]
async fn role_owner_and_tenant_decide() {
    for spec in CATALOGUE {
        for (who, person) in everybody() {
            let world = World::new().await;
            world.publish_builtin("sam-python-api").await;
            let id = world.create_project(&alice(), "Shop", "tiny").await;
            let commits = world.store.all_commits().len();
            let answer = world.send(&person, spec.context, spec.name, data(spec.name, &id)).await;
            assert_eq!(answer.status, expected(spec.name, who), "{} by {who}: {}", spec.name, answer.body);
            if answer.status >= 400 {
                assert_eq!(world.store.all_commits().len(), commits, "{} by {who}", spec.name);
            }
        }
    }
}
