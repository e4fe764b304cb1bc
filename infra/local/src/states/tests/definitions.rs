//! Every definition in `infra/`, as far as a reader of its text can promise. Files are found, not listed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::Map;

use super::*;
use crate::assets::TEMPLATE;
use crate::stack::{Stack, parse_definition};

/// What is wrong with a graph of states and with the graphs inside it. Each task that is in order is told to `tasks`
/// with the function it calls and for how many seconds it waits.
fn walk(graph: &Value, tasks: &mut Vec<(String, u64)>) -> Vec<String> {
    let Some(states) = graph["States"].as_object() else { return vec!["a graph has no States".to_owned()] };
    let mut wrong = ways(graph, states);
    for (name, state) in states {
        match state["Type"].as_str() {
            Some("Task") => wrong.extend(task(name, state, tasks)),
            Some("Map") => wrong.extend(walk(&state["ItemProcessor"], tasks)),
            Some("Parallel") => {
                let branches = state["Branches"].as_array().into_iter().flatten();
                wrong.extend(branches.flat_map(|branch| walk(branch, tasks)));
            }
            _ => {}
        }
        if ["Map", "Parallel"].iter().any(|kind| state["Type"] == *kind) && !catches_all(state) {
            wrong.push(format!("{name} lets failures through"));
        }
    }
    wrong
}

/// Ways that lead nowhere, and states no way leads to.
fn ways(graph: &Value, states: &Map<String, Value>) -> Vec<String> {
    let mut wrong = Vec::new();
    let (mut reached, mut to_visit) = (BTreeSet::new(), vec![graph["StartAt"].as_str().unwrap_or_default()]);
    while let Some(name) = to_visit.pop() {
        let Some(state) = states.get(name) else {
            wrong.push(format!("there is no state {name:?}"));
            continue;
        };
        if reached.insert(name) {
            let next = targets(state);
            let ends = state["End"] == true || ["Succeed", "Fail"].iter().any(|end| state["Type"] == *end);
            if !ends && next.is_empty() {
                wrong.push(format!("{name} leads nowhere"));
            }
            to_visit.extend(next);
        }
    }
    let lost = states.keys().filter(|name| !reached.contains(name.as_str()));
    wrong.extend(lost.map(|name| format!("nothing leads to {name}")));
    wrong
}

fn targets(state: &Value) -> Vec<&str> {
    let listed = ["Catch", "Choices"].iter().flat_map(|field| state[*field].as_array().into_iter().flatten());
    let listed = listed.map(|way| way["Next"].as_str().unwrap_or_default());
    ["Next", "Default"].iter().filter_map(|field| state[*field].as_str()).chain(listed).collect()
}

fn catches_all(state: &Value) -> bool {
    let last = state["Catch"].as_array().and_then(|catch| catch.last());
    last.is_some_and(|catch| catch["ErrorEquals"] == json!(["States.ALL"]))
}

fn task(name: &str, state: &Value, tasks: &mut Vec<(String, u64)>) -> Vec<String> {
    let mut wrong = Vec::new();
    if state["Retry"].as_array().is_none_or(Vec::is_empty) {
        wrong.push(format!("{name} is tried only once"));
    }
    if !catches_all(state) {
        wrong.push(format!("{name} lets failures through"));
    }
    match (state["Arguments"]["FunctionName"].as_str(), state["TimeoutSeconds"].as_u64()) {
        (Some(function), Some(seconds)) => tasks.push((function.to_owned(), seconds)),
        _ => wrong.push(format!("{name} waits for ever, or for nobody")),
    }
    wrong
}

/// The definitions there are: path from the template's folder, and text.
fn definitions() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let definitions = files.filter(|path| path.to_string_lossy().ends_with(".asl.yaml"));
    let read = definitions.map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (format!("infra/{name}"), fs::read_to_string(&path).unwrap())
    });
    read.collect()
}

#[test]
fn every_definition_is_sound_and_waits_longer_than_its_function_runs() {
    let stack = Stack::load(TEMPLATE).unwrap();
    let definitions = definitions();
    let used: BTreeSet<_> = stack.machines.iter().map(|machine| machine.definition_uri.clone()).collect();
    assert_eq!(
        used,
        definitions.keys().cloned().collect(),
        "each file is a machine's, each machine has a file"
    );
    for machine in &stack.machines {
        let (uri, text) = (&machine.definition_uri, &definitions[&machine.definition_uri]);
        let filled = parse_definition(text, |name| machine.substitutions.get(name).map(String::as_str));
        let definition = filled.unwrap();
        Machine::load(&definition).unwrap_or_else(|problem| panic!("{uri}: {problem}"));
        assert!(definition["TimeoutSeconds"].is_u64(), "{uri}: an execution may take for ever");
        let mut tasks = Vec::new();
        assert_eq!(walk(&definition, &mut tasks), Vec::<String>::new(), "{uri}");
        assert!(!tasks.is_empty(), "{uri} does nothing");
        // A state may give up on a step that still runs, since each step may run twice; but the longest state must not:
        // its step would then be run again and again while none is given the time it may need.
        let mut longest = BTreeMap::new();
        for (function, seconds) in tasks {
            let known = longest.entry(function).or_insert(0);
            *known = seconds.max(*known);
        }
        for (function, seconds) in longest {
            let timeout = u64::from(stack.function(&function).unwrap().timeout_seconds);
            assert!(seconds > timeout, "{uri}: waits {seconds} s for {function}, which may run {timeout} s");
        }
    }
}

#[test]
fn the_walk_notices_what_is_wrong_at_any_depth() {
    let caught = json!([{ "ErrorEquals": ["States.ALL"], "Next": "Gone" }]);
    let bare = json!({ "Type": "Task", "End": true });
    let inner = json!({ "StartAt": "Inner", "States": { "Inner": bare, "Lost": { "Type": "Succeed" } } });
    let states = json!({
        "Each": { "Type": "Map", "ItemProcessor": inner, "Catch": caught, "Next": "Choose" },
        "Choose": { "Type": "Choice", "Choices": [{ "Next": "Both" }], "Default": "Nowhere" },
        "Both": { "Type": "Parallel", "Branches": [{ "StartAt": "Deep", "States": { "Deep": { "Type": "Pass" } } }] },
    });
    let mut wrong = walk(&json!({ "StartAt": "Each", "States": states }), &mut Vec::new());
    wrong.sort_unstable();
    let expected = [
        "Both leads nowhere",
        "Both lets failures through",
        "Deep leads nowhere",
        "Inner is tried only once",
        "Inner lets failures through",
        "Inner waits for ever, or for nobody",
        "nothing leads to Lost",
        "there is no state \"Gone\"",
        "there is no state \"Nowhere\"",
    ];
    assert_eq!(wrong, expected);
    let unstarted = walk(&json!({ "States": { "A": { "Type": "Succeed" } } }), &mut Vec::new());
    assert_eq!(unstarted, ["there is no state \"\"", "nothing leads to A"]);
}
