use serde_json::{Value, json};
use skafu_domain::Principal;
use skafu_forge::builtin;

use super::{Person, World};

/// A template with one parameter of each kind that matters.
pub const TINY_FILES: &[(&str, &str)] = &[
    (
        "template.json",
        r#"{"name": "Tiny", "parameters": [
            {"name": "port", "type": "integer", "default": 8080},
            {"name": "colour", "type": "choice", "choices": ["red", "green"]}
        ]}"#,
    ),
    ("README.md.j2", "# {{ project_name }}\n\nListens on {{ port }}, in {{ colour }}.\n"),
];

/// Files as `UploadTemplateFiles` takes them.
pub fn text_files(files: &[(&str, &str)]) -> Vec<Value> {
    files.iter().map(|(path, text)| json!({ "path": path, "text": text })).collect()
}

/// A built-in template's files, likewise.
pub fn builtin_files(id: &str) -> Vec<Value> {
    let template = builtin::all().iter().find(|template| template.id == id).unwrap();
    let text = |content: &[u8]| String::from_utf8(content.to_vec()).unwrap();
    template.files.iter().map(|(path, content)| json!({ "path": path, "text": text(content) })).collect()
}

impl World {
    /// A person makes, fills and publishes a template.
    pub async fn publish(&self, person: &Person, id: &str, files: &[(&str, &str)]) {
        for (command, data) in steps(id, text_files(files)) {
            let answer = self.send(person, "template", command, data).await;
            assert_eq!(answer.status, 200, "{command}: {}", answer.body);
        }
    }

    /// The operator publishes a built-in template for everybody.
    pub async fn publish_builtin(&self, id: &str) {
        for (command, data) in steps(id, builtin_files(id)) {
            self.send_as(Principal::operator(), "template", command, data).await.unwrap();
        }
    }
}

fn steps(id: &str, files: Vec<Value>) -> [(&'static str, Value); 3] {
    [
        ("CreateTemplate", json!({ "templateId": id, "name": format!("Template {id}") })),
        ("UploadTemplateFiles", json!({ "templateId": id, "files": files })),
        ("PublishTemplate", json!({ "templateId": id })),
    ]
}
