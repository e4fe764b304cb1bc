//! What clients ask for, and go on asking for.

use serde_json::{Value, json};
use skafu_events::{AggregateKind, StreamId, Tenant};
use uuid::Uuid;

use crate::support::{ALICE, Api, BUILT_IN, Made, create_project};

/// A choice that nobody has rehearsed: the template cannot be rendered with it.
pub const FRAGILE: [(&str, &str); 2] = [
    (
        "template.json",
        r#"{"name": "T", "parameters": [{"name": "mode", "type": "choice", "choices": ["sound", "broken"]}]}"#,
    ),
    ("a.txt.j2", "{% if mode == 'broken' %}{{ absent }}{% endif %}"),
];
const MENDED: &str = "{{ mode }}";

/// What a client wants of a creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// Nothing stands in its way.
    Good,
    /// Cannot be rendered, and is undone.
    Bad,
    /// Cannot be rendered, is kept, and tried again, at last with the template mended.
    Kept,
    /// Nothing stands in its way, but it is deleted.
    Deleted,
}

pub const WISHES: [Wish; 4] = [Wish::Good, Wish::Bad, Wish::Kept, Wish::Deleted];

/// A client's creation, as far as the client knows.
pub struct Asked {
    pub name: String,
    pub wish: Wish,
    body: Value,
    /// Missing while no answer has come.
    pub made: Option<Made>,
    /// Whether the deletion was accepted.
    deleted: bool,
}

impl Asked {
    pub fn new(round: u64, wish: Wish) -> Self {
        let name = format!("{wish:?} {round}");
        let body = match wish {
            Wish::Good | Wish::Deleted => create_project(&name, BUILT_IN, json!({})),
            Wish::Bad => create_project(&name, "fragile", json!({ "mode": "broken" })),
            Wish::Kept => {
                let mut body = create_project(&name, "fragile", json!({ "mode": "broken" }));
                body["data"]["options"] = json!({ "onFailure": "keepForRetry" });
                body
            }
        };
        Self { name, wish, body, made: None, deleted: false }
    }

    pub fn stream(&self) -> Option<StreamId> {
        let id = &self.made.as_ref()?.id;
        Some(StreamId::new(Tenant::new(ALICE.tenant).unwrap(), AggregateKind::Project, id).unwrap())
    }

    /// Sends what was not acknowledged yet. None if nobody answers.
    pub fn press(&mut self, api: &Api) -> Option<()> {
        if self.made.is_none() {
            let answer = post(api, "project/CreateProject", &self.body)?;
            assert_eq!(answer.0, 202, "{answer:?}");
            self.made = Some(Made::of(answer.1));
        }
        let id = &self.made.as_ref()?.id;
        match self.wish {
            Wish::Deleted if !self.deleted => {
                let answer =
                    post(api, "project/DeleteProject", &order(json!({ "projectId": id, "reason": "no" })))?;
                assert_eq!(answer.0, 200, "{answer:?}");
                self.deleted = true;
            }
            Wish::Kept => {
                let answer = post(api, "project/RetryProjectCreation", &order(json!({ "projectId": id })))?;
                // Refused for as long as it has not failed.
                assert!(matches!(answer.0, 202 | 422), "{answer:?}");
            }
            _ => {}
        }
        Some(())
    }
}

fn order(data: Value) -> Value {
    json!({ "commandId": Uuid::now_v7(), "data": data })
}

fn post(api: &Api, command: &str, body: &Value) -> Option<(u16, Value)> {
    let answer = api.try_post(&format!("/commands/{command}"), body.to_string().as_bytes()).ok()?;
    Some((answer.status, answer.body))
}

/// From now on the template can be rendered.
pub fn mend(api: &Api) {
    let files = json!([{ "path": "a.txt.j2", "text": MENDED }]);
    for (command, data) in [
        ("UploadTemplateFiles", json!({ "templateId": "fragile", "files": files })),
        ("PublishTemplate", json!({ "templateId": "fragile" })),
    ] {
        assert_eq!(api.command(&format!("template/{command}"), &order(data)).status, 200, "{command}");
    }
}
