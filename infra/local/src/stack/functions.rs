//! Functions and state machines.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    intrinsics::text_of,
    model::{Function, Machine},
    names,
    problem::ProblemKind,
    section::Section,
    sources,
    storage::name_of,
    template::Template,
};

/// Lambda's own default.
const TIMEOUT_SECONDS: u32 = 3;

/// A function's properties over those of `Globals`; environment variables are merged, the rest is replaced.
pub(super) fn with_globals(template: &Template, properties: &Section<'_>) -> Map<String, Value> {
    let mut merged = template.function_globals().as_object().cloned().unwrap_or_default();
    for (name, own) in properties.fields() {
        let shared = merged.get(name).and_then(|shared| shared.get("Variables")).and_then(Value::as_object);
        let value = match (name.as_str(), shared, own.get("Variables").and_then(Value::as_object)) {
            ("Environment", Some(shared), Some(own)) => {
                let variables: Map<_, _> = shared.clone().into_iter().chain(own.clone()).collect();
                json!({ "Variables": variables })
            }
            _ => own.clone(),
        };
        merged.insert(name.clone(), value);
    }
    merged
}

pub(super) fn function(
    logical_id: &str,
    resource: &Section<'_>,
    properties: &Section<'_>,
) -> Option<Function> {
    const KIND: &str = "AWS::Serverless::Function";
    properties.inert(&[
        "FunctionName",
        "Architectures",
        "AutoPublishAlias",
        "CodeUri",
        "Description",
        "EphemeralStorage",
        // What becomes of asynchronous calls. Here, whoever calls waits for the answer.
        "EventInvokeConfig",
        "LoggingConfig",
        "MemorySize",
        "Policies",
        "Tags",
        "Tracing",
    ]);
    properties.only("Runtime", json!("provided.al2023"), None);
    properties.only("Handler", json!("bootstrap"), None);
    let binary = binary(resource);
    let environment = environment(properties);
    let timeout_seconds = properties.whole("Timeout").unwrap_or(TIMEOUT_SECONDS);
    let sources = properties.sections("Events");
    let sources = sources.iter().filter_map(|(_, source)| sources::source(source)).collect();
    properties.finish();
    let name = name_of(properties, KIND, logical_id)?;
    let arn = names::attribute(KIND, &name, "Arn")?;
    let (logical_id, binary) = (logical_id.to_owned(), binary?);
    Some(Function { logical_id, name, arn, binary, environment, timeout_seconds, sources })
}

fn binary(resource: &Section<'_>) -> Option<String> {
    let metadata = resource.section_or_empty("Metadata");
    metadata.only("BuildMethod", json!("rust-cargolambda"), None);
    metadata.section_or_empty("BuildProperties").text("Binary")
}

fn environment(properties: &Section<'_>) -> BTreeMap<String, String> {
    let environment = properties.section_or_empty("Environment");
    let variables = texts(&environment, "Variables");
    environment.finish();
    variables
}

fn texts(section: &Section<'_>, field: &str) -> BTreeMap<String, String> {
    let Some(fields) = section.section(field) else { return BTreeMap::new() };
    let texts = fields.fields().keys().filter_map(|name| {
        let value = fields.value(name)?;
        let text = text_of(&value);
        if text.is_none() {
            fields.report(name, ProblemKind::Shape("text"));
        }
        Some((name.clone(), text?))
    });
    texts.collect()
}

pub(super) fn machine(logical_id: &str, properties: &Section<'_>) -> Option<Machine> {
    const KIND: &str = "AWS::Serverless::StateMachine";
    properties.inert(&["Name", "Logging", "Policies", "Role", "Tags", "Tracing"]);
    properties.only("Type", json!("STANDARD"), Some(json!("STANDARD")));
    let definition_uri = properties.text("DefinitionUri");
    let substitutions = texts(properties, "DefinitionSubstitutions");
    let arn = names::attribute(KIND, &name_of(properties, KIND, logical_id)?, "Arn")?;
    Some(Machine { logical_id: logical_id.to_owned(), arn, definition_uri: definition_uri?, substitutions })
}
