//! Queues, buses and rules.

use serde_json::{Value, json};

use crate::pattern::Pattern;

use super::{
    model::{Bus, Queue, Rule},
    problem::ProblemKind,
    section::Section,
    storage::name_of,
};

/// SQS's own default.
const VISIBILITY_SECONDS: u32 = 30;

/// How the ARN of a log group begins here.
const LOG_GROUPS: &str = "arn:aws:logs:";

pub(super) fn queue(logical_id: &str, properties: &Section<'_>) -> Option<Queue> {
    properties.inert(&[
        "QueueName",
        "KmsDataKeyReusePeriodSeconds",
        "KmsMasterKeyId",
        "MessageRetentionPeriod",
        "ReceiveMessageWaitTimeSeconds",
        "RedriveAllowPolicy",
        "SqsManagedSseEnabled",
        "Tags",
    ]);
    let name = name_of(properties, "AWS::SQS::Queue", logical_id);
    let visibility_seconds = properties.whole("VisibilityTimeout").unwrap_or(VISIBILITY_SECONDS);
    let delay_seconds = properties.whole("DelaySeconds").unwrap_or_default();
    let max_receive = match properties.section("RedrivePolicy") {
        None => None,
        Some(redrive) => {
            let dead_letters = queue_at(&redrive, "deadLetterTargetArn");
            let receives = redrive.required("maxReceiveCount").and_then(|_| redrive.whole("maxReceiveCount"));
            redrive.finish();
            Some((receives?, dead_letters?))
        }
    };
    let logical_id = logical_id.to_owned();
    Some(Queue { logical_id, name: name?, visibility_seconds, delay_seconds, max_receive })
}

/// The name of the queue whose ARN stands in a field.
pub(super) fn queue_at(section: &Section<'_>, field: &str) -> Option<String> {
    let arn = section.text(field)?;
    let queue = section.template().named_by("AWS::SQS::Queue", Some("Arn"), &arn);
    if queue.is_none() {
        section.report(field, ProblemKind::Dangling(format!("queue {arn}")));
    }
    queue.map(|(_, name)| name)
}

pub(super) fn bus(logical_id: &str, properties: &Section<'_>) -> Option<Bus> {
    properties.inert(&["Name", "DeadLetterConfig", "Description", "KmsKeyIdentifier", "Tags"]);
    let name = name_of(properties, "AWS::Events::EventBus", logical_id)?;
    Some(Bus { logical_id: logical_id.to_owned(), name })
}

pub(super) fn rule(logical_id: &str, properties: &Section<'_>) -> Option<Rule> {
    properties.inert(&["Name", "Description", "Tags"]);
    properties.only("State", json!("ENABLED"), Some(json!("ENABLED")));
    let name = name_of(properties, "AWS::Events::Rule", logical_id);
    let bus = bus_at(properties);
    let pattern = properties.required("EventPattern");
    let pattern = pattern.and_then(|pattern| event_pattern(properties, "EventPattern", pattern));
    let targets = properties.sections("Targets");
    if targets.is_empty() {
        properties.report("Targets", ProblemKind::Missing);
    }
    let targets = targets.iter().filter_map(|(_, target)| {
        // A queue on this machine cannot be out of reach, so nothing is retried or given up.
        target.inert(&["Id", "DeadLetterConfig", "RetryPolicy"]);
        // A log group as a target is inert as all log groups are: what they would hold is on standard error.
        let log = target.text("Arn").is_some_and(|arn| arn.starts_with(LOG_GROUPS));
        let queue = if log { None } else { queue_at(target, "Arn") };
        target.finish();
        queue
    });
    let targets = targets.collect();
    Some(Rule { logical_id: logical_id.to_owned(), name: name?, bus: bus?, pattern: pattern?, targets })
}

/// A pattern the matcher understands; reports any other.
pub(super) fn event_pattern(section: &Section<'_>, field: &str, pattern: Value) -> Option<Value> {
    match Pattern::compile(&pattern) {
        Ok(_) => Some(pattern),
        Err(error) => {
            section.report(field, ProblemKind::Pattern(error.to_string()));
            None
        }
    }
}

/// The bus every account has: where AWS itself tells of what happens.
pub(crate) const DEFAULT_BUS: &str = "default";

fn bus_at(properties: &Section<'_>) -> Option<String> {
    const KIND: &str = "AWS::Events::EventBus";
    if properties.value("EventBusName").is_none() {
        return Some(DEFAULT_BUS.to_owned());
    }
    let given = properties.text("EventBusName")?;
    let template = properties.template();
    let bus = template.named_by(KIND, None, &given).or_else(|| template.named_by(KIND, Some("Arn"), &given));
    if bus.is_none() {
        properties.report("EventBusName", ProblemKind::Dangling(format!("bus {given}")));
    }
    bus.map(|(_, name)| name)
}
