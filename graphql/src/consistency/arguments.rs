use std::collections::HashSet;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Value, Variables};

/// The argument of root fields that carries a token.
const ARGUMENT: &str = "consistencyToken";

/// The tokens in the arguments of an operation's root fields. They count for the whole request, so they are
/// read before anything of it is answered.
pub(crate) fn tokens(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut walk = Walk { document, variables, operation, spread: HashSet::new() };
    walk.fields(&operation.selection_set.node, &mut found);
    found
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    operation: &'a OperationDefinition,
    /// Fragments looked at: one may name itself.
    spread: HashSet<&'a str>,
}

impl<'a> Walk<'a> {
    fn fields(&mut self, selection: &'a SelectionSet, found: &mut Vec<String>) {
        for item in &selection.items {
            match &item.node {
                Selection::Field(field) => found.extend(self.token(&field.node)),
                Selection::InlineFragment(inline) => self.fields(&inline.node.selection_set.node, found),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let Some(fragment) = self.document.fragments.get(name) else { continue };
                    if self.spread.insert(name.as_str()) {
                        self.fields(&fragment.node.selection_set.node, found);
                    }
                }
            }
        }
    }

    fn token(&self, field: &Field) -> Option<String> {
        let variable = |name: &str| {
            let given = self.variables.get(name).cloned();
            let defaults = self.operation.variable_definitions.iter();
            let default =
                || defaults.clone().find(|it| it.node.name.node == name)?.node.default_value().cloned();
            given.or_else(default).unwrap_or_default()
        };
        let argument = field.get_argument(ARGUMENT)?.node.clone();
        match argument.into_const_with(|name| Ok::<_, ()>(variable(&name))) {
            Ok(Value::String(token)) => Some(token),
            // Null is none; what is no text is refused by its type.
            _ => None,
        }
    }
}
