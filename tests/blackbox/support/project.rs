use serde_json::{Value, json};
use uuid::Uuid;

use super::{Api, eventually};

/// The template that comes with the system.
pub const BUILT_IN: &str = "sam-python-api";

const PROJECT: &str = "query ($id: ID!) { project(id: $id) {
    id name description status ownerId templateId templateName createdAt totalEvents
    failure { code message } creation { attempt state failedStep }
    repository { name cloneUrl defaultBranch initialCommitId }
} }";

/// The body of `CreateProject`, under a new command id.
pub fn create_project(name: &str, template: &str, parameters: Value) -> Value {
    let data = json!({ "name": name, "templateId": template, "templateParameters": parameters });
    json!({ "commandId": Uuid::now_v7(), "data": data })
}

/// Makes, fills and publishes a template, by the commands anybody would send.
pub fn publish_template(api: &Api, id: &str, files: &[(&str, &str)]) {
    let files: Vec<_> = files.iter().map(|(path, text)| json!({ "path": path, "text": text })).collect();
    for (command, data) in [
        ("CreateTemplate", json!({ "templateId": id, "name": format!("Template {id}") })),
        ("UploadTemplateFiles", json!({ "templateId": id, "files": files })),
        ("PublishTemplate", json!({ "templateId": id })),
    ] {
        let body = json!({ "commandId": Uuid::now_v7(), "data": data });
        let answer = api.command(&format!("template/{command}"), &body);
        assert_eq!(answer.status, 200, "{command}: {answer:?}");
    }
}

/// A project whose creation was accepted.
pub struct Made {
    pub id: String,
    /// The same to every retry.
    pub answer: Value,
    /// The answer's consistency token. It says until when it counts, so each answer has another.
    pub token: String,
}

impl Made {
    /// Asks for a project; it must be accepted.
    pub fn accepted(api: &Api, body: &Value) -> Self {
        let answer = api.command("project/CreateProject", body);
        assert_eq!(answer.status, 202, "{answer:?}");
        Self::of(answer.body)
    }

    /// What an answer says was made.
    pub fn of(mut answer: Value) -> Self {
        let token = answer.as_object_mut().unwrap().remove("consistencyToken").unwrap();
        let token = token.as_str().unwrap().to_owned();
        Self { id: answer["aggregateId"].as_str().unwrap().to_owned(), answer, token }
    }

    /// As GraphQL shows it now; `null` if it does not.
    pub fn seen(&self, api: &Api) -> Value {
        api.ask(PROJECT, json!({ "id": self.id }))["project"].take()
    }

    /// As GraphQL shows it once its creation has come to an end, good or bad.
    pub fn settled(&self, api: &Api) -> Value {
        eventually(&format!("the end of the creation of {}", self.id), || {
            let project = self.seen(api);
            let state = project["creation"]["state"].as_str();
            matches!(state, Some("succeeded" | "undone" | "kept" | "stuck")).then_some(project)
        })
    }

    /// As GraphQL shows it once it is ready.
    pub fn ready(&self, api: &Api) -> Value {
        let project = self.settled(api);
        assert_eq!(project["status"], "ready", "{project}");
        project
    }
}
