//! One command as an operation.

use serde_json::{Value, json};
use skafu_domain::command::{CommandSpec, ConflictStrategy};
use uuid::Uuid;

use super::schemas::{Schemas, reference};
use super::{answers, beyond, examples, roles};

/// The operation, whose schemas are put among the others.
pub(super) fn operation(spec: &CommandSpec, schemas: &mut Schemas) -> Value {
    let body = format!("{}Command", spec.name);
    schemas.add(&body, (spec.schema)());
    beyond::narrow(spec, &body, schemas);
    let about = schemas.get_mut(spec.name).and_then(|data| data["description"].as_str());
    let about = about.unwrap_or(spec.name).replace('\n', " ");
    let summary = about.split_once(". ").map_or(about.as_str(), |(first, _)| first);
    json!({
        "operationId": spec.name,
        "tags": [spec.context],
        "summary": summary.trim_end_matches('.'),
        "description": format!("{about}\n\n{}", roles::who(spec.action)),
        "parameters": [{ "$ref": "#/components/parameters/ConsistencyToken" }],
        "requestBody": {
            "description": "Read as JSON, whatever its content type says.",
            "required": true,
            "content": { "application/json": {
                "schema": { "$ref": reference(&body) },
                "examples": examples(spec),
            } },
        },
        "responses": answers::of_command(spec),
    })
}

fn examples(spec: &CommandSpec) -> Value {
    let Some(data) = examples::data(spec.name) else { return json!({}) };
    let mut body = json!({ "commandId": Uuid::new_v5(&Uuid::NAMESPACE_OID, spec.name.as_bytes()) });
    if spec.conflicts.contains(&ConflictStrategy::Merge) {
        body["expectedVersion"] = json!(3);
        body["conflictStrategy"] = json!(ConflictStrategy::Merge);
    }
    body["data"] = data;
    json!({ "example": { "value": body } })
}
