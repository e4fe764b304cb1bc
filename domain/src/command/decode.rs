use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;
use uuid::Uuid;

use super::catalogue::{CommandSpec, ConflictStrategy, find};
use super::schema::Body;
use crate::Violation;

/// A body that is a command, in form.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// Which command.
    pub spec: &'static CommandSpec,
    /// Chosen by the client, once per intent.
    pub command_id: Uuid,
    /// The client's, or else the command's own id.
    pub correlation_id: Uuid,
    /// Who the client says it is; must be the caller.
    pub user_id: Option<String>,
    /// The version of the target the client has seen.
    pub expected_version: Option<u64>,
    /// What to do if the target has moved on.
    pub conflict: ConflictStrategy,
    /// What is asked for; fits the command's type.
    pub data: Value,
}

/// Why a body is not a command.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No such command in that context.
    #[error("there is no command of that name in that context")]
    UnknownCommand,
    /// The body is not JSON.
    #[error("the body is not JSON, at line {line}, column {column}")]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// The body does not fit the command's schema: everything that is wrong with it.
    #[error("the body does not fit the command")]
    Invalid(Vec<Violation>),
    /// The command's own schema is broken: a bug.
    #[error("the schema of {0} does not compile")]
    Schema(&'static str),
}

/// Reads a command's body, and says everything that is wrong with its form at once.
pub fn decode(context: &str, name: &str, body: &[u8]) -> Result<Decoded, DecodeError> {
    let spec = find(context, name).ok_or(DecodeError::UnknownCommand)?;
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| DecodeError::NotJson { line: error.line(), column: error.column() })?;
    let validator = validator(spec)?;
    let violations: Vec<Violation> =
        validator.iter_errors(&body).flat_map(|error| violations(&error)).collect();
    if !violations.is_empty() {
        return Err(DecodeError::Invalid(violations));
    }
    let body: Body<Value> = serde_json::from_value(body)
        .map_err(|error| DecodeError::Invalid(vec![Violation::new("", "body", error.to_string())]))?;
    let conflict =
        body.conflict_strategy.or(spec.conflicts.first().copied()).unwrap_or(ConflictStrategy::Reject);
    if !spec.conflicts.contains(&conflict) {
        let message = "this command does not allow that strategy";
        return Err(DecodeError::Invalid(vec![Violation::new("/conflictStrategy", "choice", message)]));
    }
    Ok(Decoded {
        spec,
        conflict,
        command_id: body.command_id,
        correlation_id: body.correlation_id.unwrap_or(body.command_id),
        user_id: body.user_id,
        expected_version: body.expected_version,
        data: body.data,
    })
}

/// Compiled once per command and process: a function serves few commands before it is gone.
fn validator(spec: &'static CommandSpec) -> Result<Arc<Validator>, DecodeError> {
    static COMPILED: LazyLock<Mutex<HashMap<&'static str, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(validator) = compiled.get(spec.name) {
        return Ok(Arc::clone(validator));
    }
    let schema = (spec.schema)().to_value();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .map_err(|_| DecodeError::Schema(spec.name))?;
    let validator = Arc::new(validator);
    compiled.insert(spec.name, Arc::clone(&validator));
    Ok(validator)
}

/// One schema error as violations that point at the field itself.
fn violations(error: &jsonschema::ValidationError<'_>) -> Vec<Violation> {
    let at = error.instance_path().to_string();
    let field = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![Violation::new(field(name), "required", "must be given")]
        }
        Kind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|name| {
                let shown: String = name.chars().take(100).collect();
                Violation::new(field(&shown), "unknown", "is not a field of this command")
            })
            .collect(),
        // Masked: a value may be personal, secret or a megabyte long.
        kind => vec![Violation::new(at.clone(), kind.keyword(), error.masked().to_string())],
    }
}
