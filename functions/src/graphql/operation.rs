//! What must be known of an operation before it is executed.

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition};
use async_graphql::{Value, Variables};

use super::refusal::Refusal;

/// The operation that is meant; none if that is unclear.
pub(super) fn selected<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(&operation.node),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), Some(name)) => {
            operations.get(name).map(|operation| &operation.node)
        }
        (DocumentOperations::Multiple(operations), None) => {
            let mut all = operations.values();
            all.next().filter(|_| all.next().is_none()).map(|operation| &operation.node)
        }
    }
}

/// Refuses an operation one of whose variables must be there and is not. Executed, it would fail at some field
/// or, where that takes null, not at all.
pub(super) fn check_variables(operation: &OperationDefinition, variables: &Variables) -> Result<(), Refusal> {
    for definition in &operation.variable_definitions {
        let variable = &definition.node;
        let (name, var_type) = (&variable.name.node, &variable.var_type.node);
        if var_type.nullable {
            continue;
        }
        let wrong = match variables.get(name) {
            Some(Value::Null) => "must not be null",
            None if variable.default_value.is_none() => "must be given",
            _ => continue,
        };
        let message = format!("the variable ${name} of type {var_type} {wrong}");
        return Err(Refusal::variable(message, definition.pos));
    }
    Ok(())
}
