use async_graphql::{ErrorExtensionValues, PathSegment, Pos, ServerError};

/// Why a request is not let in.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    code: &'static str,
    message: String,
    place: Option<Pos>,
    /// The response's field it is about, if it is about one.
    field: Option<String>,
    limit: Option<(&'static str, usize)>,
}

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), place: None, field: None, limit: None }
    }

    pub(super) fn unreadable(error: &ServerError) -> Self {
        let place = error.locations.first().copied();
        Self { place, ..Self::new("GRAPHQL_PARSE_FAILED", error.message.trim()) }
    }

    pub(super) fn invalid(message: impl Into<String>, place: Pos) -> Self {
        Self { place: Some(place), ..Self::new("GRAPHQL_VALIDATION_FAILED", message) }
    }

    pub(super) fn too_much(what: &'static str, is: usize, most: usize) -> Self {
        // Sums end somewhere.
        let is = if is >= usize::MAX / 2 { "far too much".to_owned() } else { is.to_string() };
        let message = format!("{what}: {is}, and at most {most} is answered; ask for less at once");
        Self { limit: Some((what, most)), ..Self::new("LIMIT_EXCEEDED", message) }
    }

    pub(super) fn introspection() -> Self {
        Self::new("INTROSPECTION_DISABLED", "the schema is not told here")
    }

    pub(super) fn no_operation(name: Option<&str>, operations: usize) -> Self {
        let message = match (name, operations) {
            (Some(_), _) => "operationName names none of the document's operations",
            (None, 0) => "the document has no operation",
            (None, _) => "the document has several operations: operationName must say which is meant",
        };
        Self::new("OPERATION_NOT_FOUND", message)
    }

    pub(super) fn denied(field: &str, place: Pos) -> Self {
        let (place, field) = (Some(place), Some(field.to_owned()));
        Self { place, field, ..Self::new("FORBIDDEN", "your role does not allow this") }
    }

    /// As it is told.
    pub(crate) fn into_server_error(self) -> ServerError {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code);
        if let Some((what, most)) = self.limit {
            extensions.set("limit", what);
            extensions.set("max", most);
        }
        let mut error = ServerError::new(self.message, self.place);
        error.extensions = Some(extensions);
        // What is about a field is an answer to the operation: the field is null. Anything else is no answer.
        error.path = self.field.map(PathSegment::Field).into_iter().collect();
        error
    }
}
