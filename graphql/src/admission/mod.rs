//! What a request must pass before anything of it is done: it can be read, it is not too large, and its
//! viewer may ask for each of its fields. Whatever no guard knows is denied.

mod cost;
mod guards;
mod limits;
mod outline;
mod refusal;
mod scan;
mod walk;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition};
use async_graphql::{Request, ServerError, Value, Variables};

pub use limits::{
    MAX_ALIASES, MAX_COMPLEXITY, MAX_DEPTH, MAX_DOCUMENT_BYTES, MAX_LEVELS, MAX_NESTING, MAX_ROOT_FIELDS,
    MAX_TOKENS,
};
pub(crate) use outline::Outline;
pub(crate) use refusal::Refusal;

use crate::api::Viewer;
use crate::consistency;
use walk::Walk;

/// Reads a document, if it is not too large to be read. An error has its code.
pub fn read(document: &str) -> Result<ExecutableDocument, ServerError> {
    let told = Refusal::into_server_error;
    scan::check(document).map_err(told)?;
    parse_query(document).map_err(|error| told(Refusal::unreadable(&error.into())))
}

/// Lets a request in, with its document read, or says why not. Returns the consistency tokens in its
/// arguments, for they count for all of it.
pub(crate) fn admit(
    outline: &Outline,
    introspection: bool,
    viewer: &Viewer,
    request: &mut Request,
) -> Result<Vec<String>, Refusal> {
    scan::check(&request.query)?;
    let variables = std::mem::take(&mut request.variables);
    let name = request.operation_name.clone();
    let document = request.parsed_query().map_err(|error| Refusal::unreadable(&error))?;
    let meant = operation(document, name.as_deref());
    // The engine looks at all of them, and carries out the one that is meant.
    let mut complexity = 0_usize;
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        let found = Walk::new(outline, document, operation, &variables).operation()?;
        complexity = complexity.saturating_add(found.size.cost);
        limits::within("complexity", complexity, MAX_COMPLEXITY)?;
        limits::hold(&found)?;
        if found.introspects && !introspection {
            return Err(Refusal::introspection());
        }
        if meant.is_some_and(|meant| std::ptr::eq(meant, operation)) {
            found.asked.iter().try_for_each(|asked| guards::check(viewer, asked))?;
        }
    }
    let meant =
        meant.ok_or_else(|| Refusal::no_operation(name.as_deref(), document.operations.iter().count()))?;
    given(meant, &variables)?;
    let tokens = consistency::tokens(document, meant, &variables);
    request.variables = variables;
    Ok(tokens)
}

/// Whether every variable that must have a value has one.
fn given(operation: &OperationDefinition, variables: &Variables) -> Result<(), Refusal> {
    for definition in &operation.variable_definitions {
        let variable = &definition.node;
        let (name, var_type) = (&variable.name.node, &variable.var_type.node);
        let wrong = match variables.get(name) {
            Some(Value::Null) => "must not be null",
            None if variable.default_value.is_none() => "must be given",
            _ => continue,
        };
        if !var_type.nullable {
            let message = format!("the variable ${name} of type {var_type} {wrong}");
            return Err(Refusal::invalid(message, definition.pos));
        }
    }
    Ok(())
}

/// The operation that is meant, if it is clear which.
fn operation<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    let mut all = document.operations.iter();
    let (_, meant) = match name {
        Some(wanted) => all.find(|(name, _)| name.is_some_and(|name| name == wanted))?,
        None => all.next().filter(|_| document.operations.iter().count() == 1)?,
    };
    Some(&meant.node)
}
