//! The template's sections, parameters with their values, and what has been found wrong so far.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use serde_json::{Map, Value};

use super::{
    intrinsics::text_of,
    names,
    problem::{Problem, ProblemKind, StackErrors},
    yaml,
};

const SECTIONS: &[&str] = &[
    "AWSTemplateFormatVersion",
    "Transform",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Conditions",
    "Globals",
    "Resources",
    "Outputs",
];
const TRANSFORM: &str = "AWS::Serverless-2016-10-31";
const NOTHING: &Value = &Value::Null;

pub(super) struct Template {
    root: Value,
    parameters: BTreeMap<String, String>,
    /// Logical ids whose condition does not hold.
    absent: BTreeSet<String>,
    problems: RefCell<Vec<Problem>>,
}

impl Template {
    pub(super) fn read(text: &str, overrides: &BTreeMap<String, String>) -> Result<Self, StackErrors> {
        let unreadable =
            |why: String| StackErrors(vec![Problem::new("template", ProblemKind::Unreadable(why))]);
        let root = yaml::parse(text).map_err(|error| unreadable(error.to_string()))?;
        if !root.get("Resources").is_some_and(Value::is_object) {
            return Err(unreadable("no Resources".to_owned()));
        }
        let mut template =
            Self { root, parameters: BTreeMap::new(), absent: BTreeSet::new(), problems: RefCell::default() };
        template.check_sections();
        template.set_parameters(overrides);
        template.leave_out();
        Ok(template)
    }

    fn check_sections(&self) {
        for section in keys(&self.root).filter(|section| !SECTIONS.contains(section)) {
            self.report(Problem::new(section, ProblemKind::Unknown));
        }
        for kind in keys(self.section("Globals")).filter(|kind| *kind != "Function") {
            self.report(Problem::new(format!("Globals.{kind}"), ProblemKind::Unknown));
        }
        if self.section("Transform") != TRANSFORM {
            let found = self.section("Transform").to_string();
            let kind = ProblemKind::Unsupported { found, supported: TRANSFORM.to_owned() };
            self.report(Problem::new("Transform", kind));
        }
    }

    fn set_parameters(&mut self, overrides: &BTreeMap<String, String>) {
        let declared = self.section("Parameters").as_object().cloned().unwrap_or_default();
        for unknown in overrides.keys().filter(|name| !declared.contains_key(*name)) {
            self.report(Problem::new("Parameters", ProblemKind::Dangling(format!("parameter {unknown}"))));
        }
        for (name, declaration) in declared {
            let path = format!("Parameters.{name}");
            // Limits and patterns keep an operator from mistakes; here every parameter has its default.
            let known = [
                "Type",
                "Default",
                "AllowedPattern",
                "AllowedValues",
                "ConstraintDescription",
                "Description",
                "MinValue",
                "MaxValue",
                "NoEcho",
            ];
            for field in keys(&declaration).filter(|field| !known.contains(field)) {
                self.report(Problem::new(format!("{path}.{field}"), ProblemKind::Unknown));
            }
            let default = declaration.get("Default").and_then(text_of);
            let Some(value) = overrides.get(&name).cloned().or(default) else {
                self.report(Problem::new(path, ProblemKind::Parameter("has no value".to_owned())));
                continue;
            };
            let allowed = declaration.get("AllowedValues").and_then(Value::as_array);
            if allowed.is_some_and(|all| !all.iter().filter_map(text_of).any(|allowed| allowed == value)) {
                self.report(Problem::new(path, ProblemKind::Parameter(format!("does not allow {value}"))));
            }
            self.parameters.insert(name, value);
        }
    }

    /// Takes out the resources whose `Condition` does not hold.
    fn leave_out(&mut self) {
        let mut absent = BTreeSet::new();
        for (logical_id, resource) in entries(self.section("Resources")) {
            let Some(condition) = resource.get("Condition") else { continue };
            let path = format!("Resources.{logical_id}.Condition");
            match condition.as_str().map(|name| self.condition(&path, name)) {
                Some(Ok(true)) => {}
                Some(Ok(false)) => drop(absent.insert(logical_id.clone())),
                Some(Err(problem)) => self.report(problem),
                None => self.report(Problem::new(path, ProblemKind::Shape("the name of a condition"))),
            }
        }
        self.absent = absent;
    }

    fn section(&self, name: &str) -> &Value {
        self.root.get(name).unwrap_or(NOTHING)
    }

    pub(super) fn function_globals(&self) -> &Value {
        self.section("Globals").get("Function").unwrap_or(NOTHING)
    }

    pub(super) fn declared_condition(&self, name: &str) -> Option<&Value> {
        self.section("Conditions").get(name)
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// The resources that exist, in the template's order.
    pub(super) fn resources(&self) -> impl Iterator<Item = (&String, &Value)> {
        entries(self.section("Resources")).filter(|(logical_id, _)| !self.absent.contains(*logical_id))
    }

    /// The type of a resource that exists.
    pub(super) fn kind(&self, logical_id: &str) -> Option<&str> {
        let resource =
            self.section("Resources").get(logical_id).filter(|_| !self.absent.contains(logical_id));
        resource?.get("Type")?.as_str()
    }

    /// A property of a resource, unresolved.
    pub(super) fn raw_property(&self, logical_id: &str, property: &str) -> Option<&Value> {
        self.section("Resources").get(logical_id)?.get("Properties")?.get(property)
    }

    /// The resource of a type whose `attribute` has this value, with its name.
    pub(super) fn named_by(
        &self,
        kind: &str,
        attribute: Option<&str>,
        value: &str,
    ) -> Option<(&str, String)> {
        let mut candidates = self.resources().filter(|(logical_id, _)| self.kind(logical_id) == Some(kind));
        candidates.find_map(|(logical_id, _)| {
            let name = self.physical_name(kind, logical_id).ok()?;
            let known = match attribute {
                Some(attribute) => names::attribute(kind, &name, attribute),
                None => names::reference(kind, &name),
            };
            (known.as_deref() == Some(value)).then_some((logical_id.as_str(), name))
        })
    }

    pub(super) fn report(&self, problem: Problem) {
        let mut problems = self.problems.borrow_mut();
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    pub(super) fn into_result<T>(self, result: T) -> Result<T, StackErrors> {
        let problems = self.problems.into_inner();
        if problems.is_empty() { Ok(result) } else { Err(StackErrors(problems)) }
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn keys(value: &Value) -> impl Iterator<Item = &str> {
    entries(value).map(|(key, _)| key.as_str())
}
