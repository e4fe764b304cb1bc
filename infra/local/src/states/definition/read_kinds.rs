//! Reading what is particular to each type of state.

use chrono::DateTime;
use serde_json::Value;

use super::{
    Graph, Kind, LAMBDA_INVOKE, LAMBDA_INVOKE_FOR_TOKEN, MapEach, Rule, Task, Until,
    fields::Fields,
    read::{MAX_SECONDS, graph, handover},
};
use crate::states::template::Template;

/// `None`, and a finding, for a type nobody knows.
pub(super) fn kind(fields: &mut Fields<'_>) -> Option<Kind> {
    Some(match fields.text("Type").as_str() {
        "Task" => task(fields),
        "Pass" => Kind::Pass,
        "Succeed" => Kind::Succeed,
        "Fail" => Kind::Fail { error: fields.template("Error"), cause: fields.template("Cause") },
        "Wait" => Kind::Wait(wait(fields)),
        "Choice" => choice(fields),
        "Parallel" => parallel(fields),
        "Map" => map(fields),
        "" => return None,
        other => {
            fields.report("Type", format!("`{other}` is no known type"));
            return None;
        }
    })
}

fn task(fields: &mut Fields<'_>) -> Kind {
    let resource = fields.text("Resource");
    if !resource.is_empty() && resource != LAMBDA_INVOKE && resource != LAMBDA_INVOKE_FOR_TOKEN {
        fields.report("Resource", format!("must be `{LAMBDA_INVOKE}` or `{LAMBDA_INVOKE_FOR_TOKEN}`"));
    }
    let arguments = fields.template("Arguments");
    let has_function = matches!(&arguments, Some(Template::Object(list)) if list.iter().any(|(name, _)| name == "FunctionName"));
    if !has_function && !matches!(arguments, Some(Template::Query { .. })) {
        fields.report("Arguments.FunctionName", "is missing");
    }
    let task = Task {
        resource,
        arguments,
        timeout: fields.whole_number_or_query("TimeoutSeconds", 1, MAX_SECONDS),
        heartbeat: fields.whole_number_or_query("HeartbeatSeconds", 1, MAX_SECONDS),
    };
    if task.waits_for_token() && !task.arguments.as_ref().is_some_and(Template::has_query) {
        fields.report("Arguments", "nothing in it can be the token, `{% $states.context.Task.Token %}`");
    }
    if let (Some(Template::Literal(heartbeat)), Some(Template::Literal(timeout))) =
        (&task.heartbeat, &task.timeout)
        && heartbeat.as_u64() >= timeout.as_u64()
    {
        fields.report("HeartbeatSeconds", "must be less than `TimeoutSeconds`");
    }
    Kind::Task(Box::new(task))
}

fn wait(fields: &mut Fields<'_>) -> Until {
    let seconds = fields.whole_number_or_query("Seconds", 0, MAX_SECONDS);
    let timestamp = fields.template("Timestamp");
    if let Some(Template::Literal(value)) = &timestamp
        && value.as_str().is_none_or(|text| DateTime::parse_from_rfc3339(text).is_err())
    {
        fields.report("Timestamp", "must be a time as in RFC 3339, or an expression");
    }
    if fields.get("Seconds").is_some() == fields.get("Timestamp").is_some() {
        fields.report("Seconds", "exactly one of `Seconds` and `Timestamp` is needed");
    }
    match timestamp {
        Some(timestamp) => Until::Timestamp(timestamp),
        None => Until::Seconds(seconds.unwrap_or(Template::Literal(Value::from(0)))),
    }
}

fn choice(fields: &mut Fields<'_>) -> Kind {
    let default = fields.optional_text("Default");
    let choices = fields.list("Choices");
    if choices.is_empty() {
        fields.report("Choices", "needs at least one rule");
    }
    let rule = |mut fields: Fields<'_>| {
        fields.get("Comment");
        fields.required("Condition");
        let rule = Rule {
            condition: fields.template("Condition").unwrap_or(Template::Literal(Value::Null)),
            next: fields.text("Next"),
            handover: handover(&mut fields),
        };
        if matches!(&rule.condition, Template::Literal(value) if !value.is_boolean() && !value.is_null()) {
            fields.report("Condition", "must be an expression");
        }
        fields.end();
        rule
    };
    Kind::Choice { rules: choices.into_iter().map(rule).collect(), default }
}

fn parallel(fields: &mut Fields<'_>) -> Kind {
    let branches = fields.list("Branches");
    if branches.is_empty() {
        fields.report("Branches", "needs at least one branch");
    }
    Kind::Parallel {
        arguments: fields.template("Arguments"),
        branches: branches.into_iter().map(inner_graph).collect(),
    }
}

/// On one machine the items of a distributed map run in this execution, too.
const MODES: [&str; 2] = ["INLINE", "DISTRIBUTED"];

fn map(fields: &mut Fields<'_>) -> Kind {
    let processor = fields.required("ItemProcessor");
    let path = fields.path("ItemProcessor");
    let processor = processor.and_then(|value| Fields::of(value, fields.state(), &path, fields.findings()));
    let mut is_distributed = false;
    let processor = processor.map(|mut processor| {
        if let Some(config) = processor.get("ProcessorConfig") {
            is_distributed = config["Mode"] == MODES[1];
            if !MODES.iter().any(|mode| config["Mode"] == *mode) {
                processor.report("ProcessorConfig", "its `Mode` must be `INLINE` or `DISTRIBUTED`");
            }
        }
        inner_graph(processor)
    });
    Kind::Map(Box::new(MapEach {
        items: fields.template("Items"),
        selector: fields.template("ItemSelector"),
        max_concurrency: fields.whole_number_or_query("MaxConcurrency", 0, MAX_SECONDS),
        is_distributed,
        processor: processor
            .unwrap_or_else(|| Graph { start_at: String::new(), states: std::collections::BTreeMap::new() }),
    }))
}

fn inner_graph(mut fields: Fields<'_>) -> Graph {
    fields.get("Comment");
    let graph = graph(&mut fields);
    fields.end();
    graph
}
