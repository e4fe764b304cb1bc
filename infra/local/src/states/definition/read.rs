//! Reading machines, graphs, and what all states have in common.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use super::{
    Catcher, Graph, Handover, InvalidDefinition, Kind, Machine, Retrier, State,
    fields::{Fields, Findings},
    graph, read_kinds,
};
use crate::states::{failure::ALL, template::Template};

/// The longest time the language can express, in seconds.
pub(in crate::states) const MAX_SECONDS: u64 = 99_999_999;
/// The longest `MaxDelaySeconds`, about a year.
const MAX_DELAY_SECONDS: u64 = 31_622_400;

pub(super) fn machine(definition: &Value) -> Result<Machine, InvalidDefinition> {
    let findings = Findings::default();
    let machine = Fields::of(definition, None, "", &findings).map(|mut fields| {
        fields.get("Comment");
        fields.get("Version");
        if fields.text("QueryLanguage") != "JSONata" {
            fields.report("QueryLanguage", "must be `JSONata`");
        }
        let timeout = fields.whole_number("TimeoutSeconds", 1, MAX_SECONDS).map(Duration::from_secs);
        let graph = graph(&mut fields);
        fields.end();
        Machine { graph, timeout }
    });
    if let Some(machine) = &machine {
        graph::check_names(&machine.graph, &findings);
        graph::check_variables(&machine.graph, &findings);
    }
    match (machine, findings.into_vec()) {
        (Some(machine), findings) if findings.is_empty() => Ok(machine),
        (_, findings) => Err(InvalidDefinition { findings }),
    }
}

/// Reads `StartAt` and `States`, of the machine or of a state that contains a graph.
pub(super) fn graph(fields: &mut Fields<'_>) -> Graph {
    let before = fields.findings().len();
    let start_at = fields.text("StartAt");
    let mut states = BTreeMap::new();
    let declared = fields.required("States");
    match declared.and_then(Value::as_object) {
        Some(declared) => {
            for (name, value) in declared {
                if name.is_empty() || name.chars().count() > 80 {
                    fields.report("States", format!("`{name}` must have from 1 to 80 characters"));
                }
                if let Some(fields) = Fields::of(value, Some(name), "", fields.findings()) {
                    states.extend(state(fields).map(|state| (name.clone(), state)));
                }
            }
            let graph = Graph { start_at, states };
            let names: Vec<_> = declared.keys().map(String::as_str).collect();
            graph::check_targets(&graph, &names, fields);
            // Whatever is unreadable may be the way to what seems unreachable.
            if fields.findings().len() == before {
                graph::check_reachable(&graph, fields.findings());
            }
            graph
        }
        None => {
            if declared.is_some() {
                fields.report("States", "must be an object");
            }
            Graph { start_at, states }
        }
    }
}

/// `None`, and a finding, for a type nobody knows.
fn state(mut fields: Fields<'_>) -> Option<State> {
    fields.get("Comment");
    if fields.optional_text("QueryLanguage").is_some_and(|language| language != "JSONata") {
        fields.report("QueryLanguage", "must be `JSONata`");
    }
    let kind = read_kinds::kind(&mut fields)?;
    let works = matches!(kind, Kind::Task(_) | Kind::Parallel { .. } | Kind::Map(_));
    let flows = works || matches!(kind, Kind::Pass | Kind::Wait(_));
    let handover = match kind {
        Kind::Fail { .. } => Handover::default(),
        Kind::Succeed => Handover { output: fields.template("Output"), assign: Vec::new() },
        _ => handover(&mut fields),
    };
    let state = State {
        kind,
        next: if flows { next(&mut fields) } else { None },
        handover,
        retry: if works { retry(&mut fields) } else { Vec::new() },
        catch: if works { catch(&mut fields) } else { Vec::new() },
    };
    fields.end();
    Some(state)
}

fn next(fields: &mut Fields<'_>) -> Option<String> {
    let next = fields.optional_text("Next");
    match (fields.get("Next").is_some(), fields.get("End")) {
        (true, None) | (false, Some(Value::Bool(true))) => {}
        (true, Some(_)) => fields.report("End", "cannot stand beside `Next`"),
        (false, None) => fields.report("Next", "is missing, and so is `End`"),
        (false, Some(_)) => fields.report("End", "must be true, or absent"),
    }
    next
}

pub(super) fn handover(fields: &mut Fields<'_>) -> Handover {
    let output = fields.template("Output");
    let assign = match fields.template("Assign") {
        Some(Template::Object(variables)) => variables,
        Some(_) => {
            fields.report("Assign", "must be an object");
            Vec::new()
        }
        None => Vec::new(),
    };
    for (name, _) in &assign {
        let letters = |c: char| c.is_alphanumeric() || c == '_';
        let sound = name.chars().all(letters) && !name.starts_with(|c: char| c.is_numeric());
        if !sound || name.is_empty() || name == "states" || name.chars().count() > 80 {
            fields.report(&format!("Assign.{name}"), "cannot be the name of a variable");
        }
    }
    Handover { output, assign }
}

fn retry(fields: &mut Fields<'_>) -> Vec<Retrier> {
    let list = fields.list("Retry");
    let last = list.len().saturating_sub(1);
    let retrier = |(i, mut fields): (usize, Fields<'_>)| {
        fields.get("Comment");
        let error_equals = error_equals(&mut fields, i == last);
        let interval = fields.whole_number("IntervalSeconds", 1, MAX_SECONDS).unwrap_or(1);
        let max_attempts = fields.whole_number("MaxAttempts", 0, MAX_SECONDS).unwrap_or(3);
        let max_delay = fields.whole_number("MaxDelaySeconds", interval + 1, MAX_DELAY_SECONDS);
        let retrier = Retrier {
            error_equals,
            interval: Duration::from_secs(interval),
            max_attempts: u32::try_from(max_attempts).unwrap_or(u32::MAX),
            backoff_rate: backoff_rate(&mut fields),
            max_delay: Duration::from_secs(max_delay.unwrap_or(MAX_DELAY_SECONDS)),
            full_jitter: full_jitter(&mut fields),
        };
        fields.end();
        retrier
    };
    list.into_iter().enumerate().map(retrier).collect()
}

fn backoff_rate(fields: &mut Fields<'_>) -> f64 {
    let Some(value) = fields.get("BackoffRate") else { return 2.0 };
    value.as_f64().filter(|rate| *rate >= 1.0).unwrap_or_else(|| {
        fields.report("BackoffRate", "must be a number, at least 1");
        2.0
    })
}

fn full_jitter(fields: &mut Fields<'_>) -> bool {
    match fields.optional_text("JitterStrategy").as_deref() {
        Some("FULL") => true,
        Some("NONE") | None => false,
        Some(_) => {
            fields.report("JitterStrategy", "must be `FULL` or `NONE`");
            false
        }
    }
}

fn catch(fields: &mut Fields<'_>) -> Vec<Catcher> {
    let list = fields.list("Catch");
    let last = list.len().saturating_sub(1);
    let catcher = |(i, mut fields): (usize, Fields<'_>)| {
        fields.get("Comment");
        let error_equals = error_equals(&mut fields, i == last);
        let catcher = Catcher { error_equals, next: fields.text("Next"), handover: handover(&mut fields) };
        fields.end();
        catcher
    };
    list.into_iter().enumerate().map(catcher).collect()
}

/// What matches every error must stand alone and last; whatever followed would never be asked.
fn error_equals(fields: &mut Fields<'_>, is_last: bool) -> Vec<String> {
    let Some(value) = fields.required("ErrorEquals") else { return Vec::new() };
    let names: Option<Vec<String>> = value
        .as_array()
        .and_then(|names| names.iter().map(|name| name.as_str().map(str::to_owned)).collect());
    let names = names.filter(|names| !names.is_empty()).unwrap_or_else(|| {
        fields.report("ErrorEquals", "must be a list of error names");
        Vec::new()
    });
    if names.iter().any(|name| name == ALL) && !(is_last && names.len() == 1) {
        fields.report("ErrorEquals", "`States.ALL` must stand alone and last");
    }
    names
}
