//! What must hold between the states of a machine.

use std::collections::HashSet;

use super::{
    Graph, Kind, State,
    fields::{Fields, Findings},
};

/// Every way leads to a state of the same graph.
pub(super) fn check_targets(graph: &Graph, names: &[&str], fields: &Fields<'_>) {
    let missing = |target: &str| !target.is_empty() && !names.contains(&target);
    let problem = |target: &str| format!("there is no state `{target}` here");
    if missing(&graph.start_at) {
        fields.report("StartAt", problem(&graph.start_at));
    }
    for (name, state) in &graph.states {
        for (field, target) in ways(state).into_iter().filter(|(_, target)| missing(target)) {
            fields.findings().report(Some(name), field, problem(target));
        }
    }
}

/// Every state can be reached.
pub(super) fn check_reachable(graph: &Graph, findings: &Findings) {
    let mut reached = HashSet::new();
    let mut to_visit = vec![graph.start_at.as_str()];
    while let Some(name) = to_visit.pop() {
        if let Some(state) = graph.states.get(name)
            && reached.insert(name)
        {
            to_visit.extend(ways(state).into_iter().map(|(_, target)| target));
        }
    }
    let mut lost: Vec<_> = graph.states.keys().filter(|name| !reached.contains(name.as_str())).collect();
    lost.sort_unstable();
    lost.iter().for_each(|name| findings.report(Some(name), "Type", "nothing leads to this state"));
}

/// A name stands for one state in the whole machine, inner graphs included.
pub(super) fn check_names(graph: &Graph, findings: &Findings) {
    fn visit<'a>(graph: &'a Graph, seen: &mut HashSet<&'a str>, findings: &Findings) {
        for (name, state) in &graph.states {
            if !seen.insert(name) {
                findings.report(Some(name), "Type", "another state has the same name");
            }
            match &state.kind {
                Kind::Parallel { branches, .. } => branches.iter().for_each(|b| visit(b, seen, findings)),
                Kind::Map(each) => visit(&each.processor, seen, findings),
                _ => {}
            }
        }
    }
    visit(graph, &mut HashSet::new(), findings);
}

/// Whatever a graph assigns, no graph inside of it assigns under the same name.
pub(super) fn check_variables(graph: &Graph, findings: &Findings) {
    fn visit<'a>(graph: &'a Graph, outer: &HashSet<&'a str>, findings: &Findings) {
        let mut own = HashSet::new();
        for (name, state) in &graph.states {
            for (field, variable) in assignments(state) {
                own.insert(variable);
                if outer.contains(variable) {
                    let problem = "a graph around this one assigns a variable of the same name";
                    findings.report(Some(name), format!("{field}.{variable}"), problem);
                }
            }
        }
        own.extend(outer);
        for state in graph.states.values() {
            match &state.kind {
                Kind::Parallel { branches, .. } => branches.iter().for_each(|b| visit(b, &own, findings)),
                // It knows nothing of what is around it.
                Kind::Map(each) if each.is_distributed => visit(&each.processor, &HashSet::new(), findings),
                Kind::Map(each) => visit(&each.processor, &own, findings),
                _ => {}
            }
        }
    }
    visit(graph, &HashSet::new(), findings);
}

/// Every variable a state assigns, and the field that does.
fn assignments(state: &State) -> Vec<(String, &str)> {
    let mut assigns = vec![("Assign".to_owned(), &state.handover)];
    assigns.extend(state.catch.iter().enumerate().map(|(i, c)| (format!("Catch[{i}].Assign"), &c.handover)));
    if let Kind::Choice { rules, .. } = &state.kind {
        assigns.extend(rules.iter().enumerate().map(|(i, r)| (format!("Choices[{i}].Assign"), &r.handover)));
    }
    let names = assigns.into_iter().flat_map(|(field, handover)| {
        handover.assign.iter().map(move |(name, _)| (field.clone(), name.as_str()))
    });
    names.collect()
}

/// Every field that names a following state.
fn ways(state: &State) -> Vec<(String, &str)> {
    let mut ways: Vec<(String, &str)> = Vec::new();
    ways.extend(state.next.as_deref().map(|next| ("Next".to_owned(), next)));
    ways.extend(state.catch.iter().enumerate().map(|(i, c)| (format!("Catch[{i}].Next"), c.next.as_str())));
    if let Kind::Choice { rules, default } = &state.kind {
        ways.extend(rules.iter().enumerate().map(|(i, r)| (format!("Choices[{i}].Next"), r.next.as_str())));
        ways.extend(default.as_deref().map(|default| ("Default".to_owned(), default)));
    }
    ways
}
