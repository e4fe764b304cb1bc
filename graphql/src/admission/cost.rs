use async_graphql::parser::types::{Field, OperationDefinition};
use async_graphql::{Number, Value as ConstValue, Variables};
use async_graphql_value::Value;

use super::outline::Returned;

/// How many things a page may have.
const LARGEST_PAGE: usize = 100;
/// How many it has unless said otherwise.
const PAGE: usize = 20;
/// How many days a range is taken to have: a quarter of a year.
const DAYS: usize = 90;
/// How many things a list without pages is taken to have: parameters of a template, steps of an operation.
const LIST: usize = 10;

/// What was given for variables.
pub(super) struct Given<'a> {
    pub operation: &'a OperationDefinition,
    pub variables: &'a Variables,
}

/// What a field itself costs.
pub(super) fn price(parent: &str, field: &str) -> usize {
    match (parent, field) {
        // May read a whole history, payloads and all.
        ("Query", "projectAsOf" | "projectHistory") => 20,
        // A command is a call of another function, and a write: five in a request, one after the other.
        ("Mutation", _) => 1_900,
        // Each reads by itself, whatever else of its kind is asked for.
        ("ProjectAnalytics", "days") | ("User", "projects") | ("Query", "operation" | "projectActivity") => {
            10
        }
        ("ProjectAccepted", "operation") => 10,
        _ => 1,
    }
}

/// How often what is below a field is answered.
pub(super) fn times(parent: &str, field: &Field, returned: &Returned, given: &Given<'_>) -> usize {
    if returned.is_paged {
        given.page(field)
    } else if (parent, field.name.node.as_str()) == ("ProjectAnalytics", "days") {
        DAYS
    } else if returned.is_list && !parent.ends_with("Connection") {
        LIST
    } else {
        1
    }
}

impl Given<'_> {
    /// The size of page that is asked for. One that is no size is refused by its resolver.
    fn page(&self, field: &Field) -> usize {
        let Some(argument) = field.get_argument("limit") else { return PAGE };
        match &argument.node {
            Value::Number(number) => size(number),
            Value::Variable(name) => self.variable(name),
            _ => PAGE,
        }
    }

    /// Looked at where it stands: it may be a megabyte of something else.
    fn variable(&self, name: &str) -> usize {
        let default = || {
            let mut definitions = self.operation.variable_definitions.iter();
            definitions.find(|it| it.node.name.node == name)?.node.default_value()
        };
        match self.variables.get(name).or_else(default) {
            Some(ConstValue::Number(number)) => size(number),
            _ => PAGE,
        }
    }
}

fn size(number: &Number) -> usize {
    let size = number.as_u64().and_then(|size| usize::try_from(size).ok());
    size.unwrap_or(PAGE).min(LARGEST_PAGE)
}
