//! The document as clients get it. Whoever changes it, changes `functions/openapi.json` with it.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::{World, alice, http_event};
use serde_json::{Value, json};
use skafu_functions::openapi;

/// Everything in the document, with where it stands.
fn everything<'a>(at: String, value: &'a Value, found: &mut Vec<(String, &'a Value)>) {
    found.push((at.clone(), value));
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, it)| everything(format!("{at}/{name}"), it, found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, it)| everything(format!("{at}/{n}"), it, found));
        }
        _ => {}
    }
}

/// Its operations: method and path, and what is said of them.
fn operations() -> impl Iterator<Item = (String, &'static Value)> {
    openapi::document()["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, it)| (format!("{method} {path}"), it))
    })
}

/// What a reference or the thing itself stands for.
fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(target) => openapi::document().pointer(&target[1..]).unwrap_or_else(|| panic!("{target}")),
        None => value,
    }
}

#[test]
fn the_document_is_the_one_on_file() {
    let text = format!("{:#}\n", openapi::document());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var_os("SKAFU_UPDATE").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let update = "SKAFU_UPDATE=1 cargo test --package skafu-functions --test openapi";
    assert!(kept == text, "functions/openapi.json is not the document of the code; write it by `{update}`");
}

#[tokio::test]
async fn it_is_told_to_whoever_asks_and_its_route_leads_to_nothing_else() {
    let world = World::empty();
    let told = world.invoke(http_event(None, "GET", "/openapi.json")).await;
    assert_eq!((told.status, told.content_type.as_str()), (200, "application/json"));
    assert_eq!(&told.body, openapi::document());
    // A path of that name on the route of commands is a command nobody knows.
    let mut event = http_event(Some(&alice()), "GET", "/openapi.json");
    event["routeKey"] = json!("POST /commands/{context}/{command}");
    world.invoke(event).await.refused(404, "UNKNOWN_COMMAND");
    // And what is sent to the open route is not read.
    let mut event = http_event(None, "GET", "/openapi.json");
    event["pathParameters"] = json!({ "context": "project", "command": "CreateProject" });
    event["body"] = json!("{}");
    assert_eq!(world.invoke(event).await.body["openapi"], "3.1.0");
    assert!(world.store.all_commits().is_empty());
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_referred_to() {
    let mut found = Vec::new();
    everything(String::new(), openapi::document(), &mut found);
    let mut targets = BTreeSet::new();
    for (at, value) in found {
        let Some(target) = value.get("$ref").and_then(Value::as_str) else { continue };
        let pointer = target.strip_prefix('#').unwrap_or_else(|| panic!("{at} leads out of the document"));
        assert!(openapi::document().pointer(pointer).is_some(), "{at}: there is no {target}");
        targets.insert(pointer.to_owned());
    }
    for kind in ["schemas", "responses", "parameters"] {
        for name in openapi::document()["components"][kind].as_object().unwrap().keys() {
            let pointer = format!("/components/{kind}/{name}");
            assert!(targets.contains(&pointer), "nothing refers to {pointer}");
        }
    }
}

#[test]
fn it_has_the_fields_of_openapi_and_no_others() {
    let fields = |value: &Value| -> BTreeSet<String> { value.as_object().unwrap().keys().cloned().collect() };
    let within = |at: &str, value: &Value, needed: &[&str], more: &[&str]| {
        let fields = fields(value);
        for name in needed {
            assert!(fields.contains(*name), "{at} has no {name}");
        }
        for name in fields {
            assert!([needed, more].concat().contains(&name.as_str()), "{at} must not have {name}");
        }
    };
    let document = openapi::document();
    let root = ["openapi", "info", "servers", "tags", "security", "paths", "components"];
    within("the document", document, &root, &[]);
    assert_eq!(document["openapi"], "3.1.0");
    within("info", &document["info"], &["title", "version"], &["description", "license"]);
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["servers"], json!([{ "url": "/" }]));
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    for requirement in document["security"].as_array().unwrap() {
        assert!(requirement.as_object().unwrap().keys().all(|name| schemes.contains_key(name)));
    }
    let tags: Vec<_> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    let mut ids = BTreeSet::new();
    for (at, operation) in operations() {
        let more = ["tags", "parameters", "requestBody", "security"];
        within(&at, operation, &["operationId", "summary", "description", "responses"], &more);
        assert!(ids.insert(operation["operationId"].as_str()), "{at} has the id of another");
        assert!(operation["tags"].as_array().into_iter().flatten().all(|tag| tags.contains(&tag)), "{at}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            within(&at, resolved(parameter), &["name", "in", "schema"], &["description", "required"]);
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(status.parse::<u16>().is_ok_and(|it| (200..600).contains(&it)), "{at}: {status}");
            within(&at, resolved(response), &["description", "content"], &["headers"]);
            let content = resolved(response)["content"].as_object().unwrap();
            assert!(content.values().all(|it| it["schema"].is_object()) && !content.is_empty(), "{at}");
        }
    }
}
