//! Requests, as the specification lets clients write them.

use async_graphql::parser::types::{OperationDefinition, OperationType};
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use serde_json::{Map, Value};

use super::documents::{Document, DocumentId};
use super::negotiation::is_json;
use super::refusal::Refusal;
use crate::http;

/// What stands in a request, each of the type it must have.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) document: Document,
    pub(super) operation_name: Option<String>,
    pub(super) variables: Map<String, Value>,
}

/// How a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Post,
}

impl Method {
    pub(super) fn of(request: &ApiGatewayV2httpRequest) -> Result<Self, Refusal> {
        match request.request_context.http.method.as_str() {
            "GET" => Ok(Self::Get),
            "POST" => Ok(Self::Post),
            other => Err(Refusal::method(other)),
        }
    }

    /// What is asked, by where this method has it.
    pub(super) fn read(self, request: &ApiGatewayV2httpRequest) -> Result<Asked, Refusal> {
        let fields = match self {
            Self::Get => from_query(request)?,
            Self::Post => from_body(request)?,
        };
        asked(fields)
    }

    /// A GET changes nothing.
    pub(super) fn allows(self, operation: &OperationDefinition) -> Result<(), Refusal> {
        match (self, operation.ty) {
            (Self::Get, OperationType::Mutation) => Err(Refusal::mutation_by_get()),
            _ => Ok(()),
        }
    }
}

fn from_body(request: &ApiGatewayV2httpRequest) -> Result<Map<String, Value>, Refusal> {
    let header = |name: HeaderName| request.headers.get(name).map(|it| it.to_str().unwrap_or_default());
    let content_type = header(CONTENT_TYPE).unwrap_or("without a type");
    if !is_json(content_type) {
        return Err(Refusal::unsupported_media_type(content_type));
    }
    match header(CONTENT_ENCODING) {
        None | Some("" | "identity") => {}
        Some(encoding) => return Err(Refusal::unsupported_media_type(encoding)),
    }
    let body: Result<Value, _> = serde_json::from_slice(&http::body(request)?);
    match body.map_err(|error| Refusal::malformed(format!("the body is not JSON: {error}")))? {
        Value::Object(fields) => Ok(fields),
        Value::Array(_) => Err(Refusal::batch()),
        _ => Err(Refusal::malformed("the body must be a JSON object")),
    }
}

fn from_query(request: &ApiGatewayV2httpRequest) -> Result<Map<String, Value>, Refusal> {
    // The event's type splits values at their commas, of which a query has many.
    let parameter = |name: &str| request.query_string_parameters.all(name).map(|parts| parts.join(","));
    let mut fields = Map::new();
    for name in ["query", "documentId", "operationName"] {
        // An empty query is one that cannot be parsed; the others are as good as not there.
        if let Some(text) = parameter(name).filter(|text| name == "query" || !text.is_empty()) {
            fields.insert(name.to_owned(), Value::String(text));
        }
    }
    for name in ["variables", "extensions"] {
        if let Some(text) = parameter(name).filter(|text| !text.is_empty()) {
            let value = serde_json::from_str(&text);
            let value = value.map_err(|error| Refusal::malformed(format!("{name} is not JSON: {error}")))?;
            fields.insert(name.to_owned(), value);
        }
    }
    Ok(fields)
}

/// Fields the specification does not know are for it to give a meaning to, and passed over.
fn asked(mut fields: Map<String, Value>) -> Result<Asked, Refusal> {
    let operation_name = text(&mut fields, "operationName")?;
    let variables = map(&mut fields, "variables")?;
    let mut extensions = map(&mut fields, "extensions")?;
    let named = match text(&mut fields, "documentId")? {
        Some(id) => Some(identified(&id)?),
        None => None,
    };
    let persisted = persisted(extensions.remove("persistedQuery").unwrap_or_default())?;
    if let (Some(named), Some(persisted)) = (&named, &persisted)
        && named != persisted
    {
        return Err(Refusal::malformed("documentId and persistedQuery name different documents"));
    }
    let document = match (text(&mut fields, "query")?, named.or(persisted)) {
        (Some(text), None) => Document::Text(text),
        (None, Some(id)) => Document::Named(id),
        (Some(text), Some(id)) if DocumentId::of(&text) == id => Document::Both { id, text },
        (Some(_), Some(id)) => return Err(Refusal::hash_mismatch(&id)),
        (None, None) => return Err(Refusal::malformed("query must be given")),
    };
    Ok(Asked { document, operation_name, variables })
}

fn text(fields: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::malformed(format!("{name} must be a string"))),
    }
}

fn map(fields: &mut Map<String, Value>, name: &str) -> Result<Map<String, Value>, Refusal> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(Refusal::malformed(format!("{name} must be an object"))),
    }
}

/// A document identifier of the specification's appendix on persisted documents.
fn identified(id: &str) -> Result<DocumentId, Refusal> {
    let id = id.strip_prefix("sha256:").and_then(DocumentId::parse);
    id.ok_or_else(|| {
        Refusal::malformed("documentId must be sha256: and the text's SHA-256 in 64 lower-case hex digits")
    })
}

/// The extension of automatic persisted queries.
fn persisted(extension: Value) -> Result<Option<DocumentId>, Refusal> {
    if extension.is_null() {
        return Ok(None);
    }
    let id = extension["sha256Hash"].as_str().and_then(DocumentId::parse);
    match id {
        Some(id) if extension["version"] == 1 => Ok(Some(id)),
        _ => Err(Refusal::malformed(
            "extensions.persistedQuery must be {\"version\": 1, \"sha256Hash\": \"…\"}, with 64 lower-case hex digits",
        )),
    }
}
