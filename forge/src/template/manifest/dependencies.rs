//! What defaults and conditions refer to: a parameter is settled after what stands before it, and knows
//! of nothing else.

use serde_json::Value;
use skafu_events::template::{Conditional, Parameter};

use super::super::engine::{Engine, is_dynamic};
use super::super::library::Library;
use super::super::names::names_in;
use super::super::position::below;
use super::super::{Finding, FindingCode, parameter};
use super::parameters::Declared;
use super::reader::Reader;
use super::{MANIFEST, style};
use crate::source::Limits;

pub(super) fn check(reader: &mut Reader<'_>, declared: &[Declared]) {
    let graph = Graph::of(declared);
    for (at, Declared { name, pointer, parameter }) in declared.iter().enumerate() {
        let Some(parameter) = parameter else { continue };
        if let Some(conditional) = &parameter.conditional {
            check_conditional(reader, &graph, at, conditional);
        }
        let Some(default) = expression(parameter) else { continue };
        let pointer = below(pointer, "default");
        check_syntax(reader, name, &pointer, default);
        for other in graph.defaults[at].iter().filter(|other| **other >= at) {
            let what = format!("the default of parameter `{name}`");
            reader.report(FindingCode::CircularDependency, &pointer, graph.told(&what, at, *other));
        }
    }
}

fn expression(parameter: &Parameter) -> Option<&str> {
    parameter.default.as_ref().and_then(Value::as_str).filter(|text| is_dynamic(text))
}

fn check_conditional(reader: &mut Reader<'_>, graph: &Graph<'_>, at: usize, conditional: &Conditional) {
    let declared = graph.declared;
    let Declared { name, pointer, .. } = &declared[at];
    let pointer = below(pointer, "conditional");
    let depends_on = below(&pointer, "dependsOn");
    let Some(other) = find(declared, &conditional.depends_on) else {
        let message = format!("parameter `{name}` depends on `{}`, which is none", conditional.depends_on);
        return reader.malformed(&depends_on, message);
    };
    if other >= at {
        let what = format!("the condition of parameter `{name}`");
        return reader.report(FindingCode::CircularDependency, &depends_on, graph.told(&what, at, other));
    }
    let Some(other) = &declared[other].parameter else { return };
    for (index, value) in conditional.values.iter().enumerate().filter(|(_, value)| !value.is_null()) {
        if let Err(problem) = parameter::check_value(other, value) {
            let message = format!("`{}` never has this value: it {problem}", other.name);
            reader.malformed(&format!("{pointer}/values/{index}"), message);
        }
    }
}

fn check_syntax(reader: &mut Reader<'_>, name: &str, pointer: &str, default: &str) {
    let library = Library::empty();
    if let Err(error) = Engine::new(&style(), &library, Limits::PLATFORM).check(MANIFEST, default) {
        let Finding { code, message, .. } = error.into();
        reader.report(code, pointer, format!("in the default of `{name}`: {message}"));
    }
}

/// Which parameter refers to which others, by their places in the list.
struct Graph<'d> {
    declared: &'d [Declared],
    defaults: Vec<Vec<usize>>,
    conditions: Vec<Option<usize>>,
}

impl<'d> Graph<'d> {
    fn of(declared: &'d [Declared]) -> Self {
        let parameters = || declared.iter().map(|declared| declared.parameter.as_ref());
        let named = |parameter: &Parameter| {
            let names = expression(parameter).and_then(names_in).unwrap_or_default();
            names.iter().filter_map(|name| find(declared, name)).collect()
        };
        let depends_on = |parameter: &Parameter| find(declared, &parameter.conditional.as_ref()?.depends_on);
        Self {
            declared,
            defaults: parameters().map(|parameter| parameter.map(named).unwrap_or_default()).collect(),
            conditions: parameters().map(|parameter| parameter.and_then(depends_on)).collect(),
        }
    }

    /// What to say of something that refers to a parameter that is not settled before it.
    fn told(&self, what: &str, at: usize, other: usize) -> String {
        let name = |at: usize| self.declared[at].name.as_str();
        match self.way(other, at, &mut Vec::new()) {
            Some(way) => {
                let names: Vec<&str> = way.into_iter().rev().map(name).collect();
                format!("{what} goes in a circle: {} → {}", name(at), names.join(" → "))
            }
            None => {
                let (name, later) = (name(at), name(other));
                format!("{what} refers to `{later}`, which comes later: declare `{later}` before `{name}`")
            }
        }
    }

    /// The references that lead from one parameter to another, last first.
    fn way(&self, from: usize, to: usize, seen: &mut Vec<usize>) -> Option<Vec<usize>> {
        if from == to {
            return Some(vec![to]);
        }
        if seen.contains(&from) {
            return None;
        }
        seen.push(from);
        let mut references = self.conditions[from].iter().chain(&self.defaults[from]);
        references.find_map(|next| {
            let mut way = self.way(*next, to, seen)?;
            way.push(from);
            Some(way)
        })
    }
}

fn find(declared: &[Declared], name: &str) -> Option<usize> {
    declared.iter().position(|declared| declared.name == name)
}
