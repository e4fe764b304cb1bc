//! What people can send, as an OpenAPI 3.1 document, made from the types that commands are decoded and answered with.
//!
//! It has the commands that some role may send. What the saga alone may say is left out: whoever makes a client from
//! this document would get calls that are refused to everybody.

mod answers;
mod beyond;
mod command;
mod examples;
mod roles;
mod schemas;

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use skafu_domain::command::{CATALOGUE, CommandSpec};
use skafu_store::consistency::MAX_TOKEN_BYTES;

use crate::gateway::CommandAnswer;
use crate::{Problem, http};
use schemas::Schemas;

/// The route that tells it, as API Gateway writes routes. It needs no token.
pub const ROUTE: &str = "GET /openapi.json";

const ABOUT: &str = "Commands: what people ask of projects and templates. Each is sent under a `commandId` of the \
    sender's choice; sent again under the same one it is a retry, and gets the same answer. A refusal tells everything \
    that is wrong at once, as problem details (RFC 9457) with a stable `code`.\n\n\
    What became of a command is asked over GraphQL, at `/graphql`, whose schema tells of itself.";

/// The document. The same each time: it depends on nothing but the code.
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(made);
    &DOCUMENT
}

/// The commands it has: those that some role may send.
pub fn commands() -> impl Iterator<Item = &'static CommandSpec> {
    CATALOGUE.iter().filter(|spec| roles::is_for_people(spec.action))
}

fn made() -> Value {
    let mut schemas = Schemas::default();
    schemas.answer::<CommandAnswer>("CommandAnswer");
    schemas.answer::<Problem>("Problem");
    schemas.put("ApiMessage", answers::api_message());
    let mut paths = Map::new();
    for spec in commands() {
        let path = format!("/commands/{}/{}", spec.context, spec.name);
        paths.insert(path, json!({ "post": command::operation(spec, &mut schemas) }));
    }
    paths.insert("/openapi.json".to_owned(), json!({ "get": itself() }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Skafu",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "Apache License 2.0", "identifier": env!("CARGO_PKG_LICENSE") },
        },
        "servers": [{ "url": "/" }],
        "tags": [
            { "name": "project", "description": "Projects, and the creation of their repositories." },
            { "name": "template", "description": "Templates that projects are made from." },
        ],
        "security": [{ "bearer": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "bearer": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "An ID token with the claims `sub`, `custom:tenant` and `cognito:groups`.",
            } },
            "parameters": { "ConsistencyToken": {
                "name": http::CONSISTENCY_TOKEN,
                "in": "header",
                "description": "The `consistencyToken` of an earlier answer. What it says is handed on in this \
                    answer's, so that one token is enough. One that has expired says nothing.",
                "schema": { "type": "string", "maxLength": MAX_TOKEN_BYTES },
            } },
            "responses": answers::components(),
            "schemas": schemas.into_components(),
        },
    })
}

fn itself() -> Value {
    json!({
        "operationId": "DescribeCommands",
        "summary": "This document",
        "description": "What can be sent, as an OpenAPI document. Needs no token.",
        "security": [],
        "responses": answers::of_document(),
    })
}
