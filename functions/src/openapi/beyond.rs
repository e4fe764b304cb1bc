//! What is checked beyond the schema of a command's type, where a schema can say it.

use serde_json::{Value, json};
use skafu_domain::command::{CommandSpec, ConflictStrategy};
use skafu_domain::project::RUNTIMES;
use skafu_events::MAX_ID_LENGTH;

use super::schemas::Schemas;

/// An aggregate's id, as `StreamId` takes it.
const ID: &str = "^[A-Za-z0-9][A-Za-z0-9._:-]*$";

/// Says of one command's schemas what its type does not.
pub(super) fn narrow(spec: &CommandSpec, body: &str, schemas: &mut Schemas) {
    if let Some(strategy) =
        schemas.get_mut(body).and_then(|it| it.pointer_mut("/properties/conflictStrategy"))
    {
        conflict_strategy(strategy, spec.conflicts);
    }
    for field in ["projectId", "templateId"] {
        let field = schemas.get_mut(spec.name).and_then(|it| it.pointer_mut(&format!("/properties/{field}")));
        if let Some(field) = field.filter(|field| field.get("pattern").is_none()) {
            field["pattern"] = json!(ID);
            field["maxLength"] = json!(MAX_ID_LENGTH);
        }
    }
    for configuration in ["ConfigurationInput", "ConfigurationChanges"] {
        let runtime = schemas.get_mut(configuration).and_then(|it| it.pointer_mut("/properties/runtime"));
        if let Some(runtime) = runtime {
            let known = RUNTIMES.iter().map(|runtime| Value::from(runtime.name));
            runtime["enum"] = known.chain([Value::Null]).collect();
        }
    }
    if let Some(file) = schemas.get_mut("FileInput") {
        file["properties"]["base64"]["contentEncoding"] = json!("base64");
        let holds =
            |field: &str| json!({ "required": [field], "properties": { field: { "type": "string" } } });
        file["oneOf"] = json!([holds("text"), holds("base64"), holds("symlink")]);
    }
}

/// Most commands have no choice.
fn conflict_strategy(strategy: &mut Value, allowed: &[ConflictStrategy]) {
    if let (Some(strategy), [only]) = (strategy.as_object_mut(), allowed) {
        strategy.remove("anyOf");
        strategy.insert("enum".to_owned(), json!([only, null]));
    }
}
