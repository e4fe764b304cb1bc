//! From what was given to what expressions can name.

use minijinja::Value as Dynamic;
use serde_json::{Map, Value};
use skafu_events::template::Parameter;

use super::engine::{Engine, is_dynamic};
use super::python::Live;
use super::{Finding, FindingCode, ProjectFacts, RenderError, cookiecutter, manifest, parameter, python};

/// What every native template can name without declaring it.
pub(super) const PROJECT_FACTS: [&str; 3] = ["project_name", "project_slug", "project_description"];

/// What cookiecutter tells files about where it read and wrote. Here, that is nowhere in particular.
const PLACES: [(&str, Option<&str>); 4] =
    [("_template", Some(".")), ("_output_dir", Some(".")), ("_repo_dir", Some(".")), ("_checkout", None)];

#[derive(Debug, Clone)]
pub(super) enum Variables {
    /// The parameters and the project's facts stand at the top level.
    Native,
    /// Everything stands in `cookiecutter`: the entries of `cookiecutter.json`, in order.
    Cookiecutter(Vec<(String, Value)>),
}

/// Every parameter's value, and what expressions see.
pub(super) struct Evaluated {
    pub(super) parameters: Map<String, Value>,
    pub(super) context: Dynamic,
}

impl Variables {
    /// The entries of `cookiecutter.json`; a native template has none.
    pub(super) fn entries(&self) -> &[(String, Value)] {
        match self {
            Self::Native => &[],
            Self::Cookiecutter(entries) => entries,
        }
    }

    pub(super) fn evaluate(
        &self,
        declared: &[Parameter],
        given: &Map<String, Value>,
        project: &ProjectFacts,
        engine: &mut Engine,
    ) -> Result<Evaluated, Vec<Finding>> {
        let mut findings = unknown(declared, given);
        let evaluated = match self {
            Self::Native => native(declared, given, project, engine, &mut findings),
            Self::Cookiecutter(entries) => baked(entries, given, project, engine, &mut findings),
        };
        if findings.is_empty() { Ok(evaluated) } else { Err(findings) }
    }
}

fn unknown(declared: &[Parameter], given: &Map<String, Value>) -> Vec<Finding> {
    let is_unknown = |name: &&String| declared.iter().all(|parameter| parameter.name != **name);
    let finding = |name: &String| {
        let message = format!("the template has no parameter `{name}`");
        Finding::new(FindingCode::InvalidParameterValue, "", message).about(name)
    };
    given.keys().filter(is_unknown).map(finding).collect()
}

fn native(
    declared: &[Parameter],
    given: &Map<String, Value>,
    project: &ProjectFacts,
    engine: &mut Engine,
    findings: &mut Vec<Finding>,
) -> Evaluated {
    let facts = [&project.name, &project.slug, &project.description];
    let mut context: Map<String, Value> = PROJECT_FACTS
        .iter()
        .zip(facts)
        .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
        .collect();
    let mut parameters = Map::new();
    for parameter in declared {
        let name = &parameter.name;
        // Null is how an optional parameter without a value is written down: as good as not given.
        let given = given.get(name).filter(|value| !value.is_null());
        let settled = if parameter.applies(&parameters) {
            settle(parameter, given, &context, engine)
        } else if given.is_some() {
            let message = format!("the parameter `{name}` does not apply to the other values: leave it out");
            Err(Finding::new(FindingCode::InvalidParameterValue, "", message))
        } else {
            Ok(Value::Null)
        };
        let value = settled.unwrap_or_else(|finding| {
            findings.push(finding.about(name));
            Value::Null
        });
        context.insert(name.clone(), value.clone());
        parameters.insert(name.clone(), value);
    }
    Evaluated { parameters, context: in_context(&context) }
}

/// What was given, else the default, else nothing.
fn settle(
    parameter: &Parameter,
    given: Option<&Value>,
    context: &Map<String, Value>,
    engine: &mut Engine,
) -> Result<Value, Finding> {
    let name = &parameter.name;
    let misfit = |problem: String| {
        let message = format!("the parameter `{name}` {problem}");
        Finding::new(FindingCode::InvalidParameterValue, "", message)
    };
    let value = match (given, parameter::default_of(parameter)) {
        (Some(value), _) => value.clone(),
        (None, Some(Value::String(text))) if is_dynamic(text) => {
            let text = engine
                .render(manifest::MANIFEST, text, &in_context(context))
                .map_err(|error| in_default(error, manifest::MANIFEST, name))?;
            parameter::parse_value(parameter, &text).map_err(misfit)?
        }
        (None, Some(value)) => value.clone(),
        (None, None) if parameter.required => {
            let message = format!("the parameter `{name}` needs a value");
            return Err(Finding::new(FindingCode::MissingRequiredParameter, "", message));
        }
        (None, None) => return Ok(Value::Null),
    };
    match parameter::check_value(parameter, &value) {
        Ok(()) => Ok(value),
        Err(problem) => Err(misfit(problem)),
    }
}

/// As cookiecutter does it: texts, lists and numbers in order, then the dictionaries, which see all of them.
/// Private dictionaries that are rendered are so in both rounds.
fn baked(
    entries: &[(String, Value)],
    given: &Map<String, Value>,
    project: &ProjectFacts,
    engine: &mut Engine,
    findings: &mut Vec<Finding>,
) -> Evaluated {
    let known = Live::new();
    let mut values: Map<String, Value> = Map::new();
    let is_later = |(name, value): &&(String, Value)| value.is_object() && !is_raw(name);
    let first = entries.iter().filter(|entry| !is_later(entry) || is_private(&entry.0));
    for (name, value) in first.chain(entries.iter().filter(is_later)) {
        let settled = if is_raw(name) {
            Ok(value.clone())
        } else if let Some(chosen) = given.get(name).filter(|_| !value.is_object() && !value.is_array()) {
            Ok(chosen.clone())
        } else if name == "project_name" && !value.is_array() && !project.name.is_empty() {
            Ok(Value::from(project.name.as_str()))
        } else {
            rendered(value, engine, &known)
                .map_err(|error| in_default(error, cookiecutter::MANIFEST, name))
                .and_then(|default| choose(name, default, given.get(name)))
        };
        let value = settled.unwrap_or_else(|finding| {
            findings.push(finding);
            Value::Null
        });
        known.insert(name, python::from_json(&value));
        values.insert(name.clone(), value);
    }
    let parameters = entries
        .iter()
        .filter(|(name, _)| !is_private(name))
        .filter_map(|(name, _)| Some((name.clone(), values.get(name)?.clone())))
        .collect();
    Evaluated { parameters, context: in_files(entries, &known, given) }
}

/// What files see: every variable in the order of `cookiecutter.json`, and what was in it before rendering.
fn in_files(entries: &[(String, Value)], known: &Live, given: &Map<String, Value>) -> Dynamic {
    let (all, raw) = (Live::new(), Live::new());
    for (name, value) in entries {
        all.insert(name, python::from_json(value));
        if !is_private(name) {
            let value = given.get(name).filter(|_| !value.is_object() && !value.is_array()).unwrap_or(value);
            raw.insert(name, python::from_json(value));
        }
    }
    all.update(known);
    for (name, value) in PLACES {
        all.insert(name, value.map_or_else(|| Dynamic::from(()), Dynamic::from));
    }
    Dynamic::from_pairs([("cookiecutter", all.value()), ("_cookiecutter", raw.value())])
}

fn is_private(name: &str) -> bool {
    name.starts_with('_')
}

/// Whether the variable is taken as it is written.
fn is_raw(name: &str) -> bool {
    is_private(name) && !name.starts_with("__")
}

fn in_context(context: &Map<String, Value>) -> Dynamic {
    Dynamic::from_pairs(context.iter().map(|(name, value)| (name.as_str(), python::from_json(value))))
}

/// What was given, in place of a list's first element or over a dictionary's entries.
fn choose(name: &str, default: Value, given: Option<&Value>) -> Result<Value, Finding> {
    match (default, given) {
        (Value::Array(choices), Some(chosen)) if choices.contains(chosen) => Ok(chosen.clone()),
        (Value::Array(choices), Some(_)) => {
            let choices: Vec<String> = choices.iter().map(Value::to_string).collect();
            let message = format!("the parameter `{name}` must be one of {}", choices.join(", "));
            Err(Finding::new(FindingCode::InvalidParameterValue, "", message))
        }
        // A private list is no choice.
        (Value::Array(choices), None) if !is_private(name) => {
            Ok(choices.into_iter().next().unwrap_or_default())
        }
        (Value::Object(mut entries), Some(Value::Object(over))) => {
            merge(&mut entries, over);
            Ok(Value::Object(entries))
        }
        (default, _) => Ok(default),
    }
}

fn merge(entries: &mut Map<String, Value>, over: &Map<String, Value>) {
    for (name, value) in over {
        match (entries.get_mut(name), value) {
            (Some(Value::Object(inner)), Value::Object(over)) => merge(inner, over),
            _ => {
                entries.insert(name.clone(), value.clone());
            }
        }
    }
}

fn rendered(value: &Value, engine: &mut Engine, known: &Live) -> Result<Value, RenderError> {
    let context = Dynamic::from_pairs([("cookiecutter", known.value())]);
    match value {
        Value::String(text) => engine.render(cookiecutter::MANIFEST, text, &context).map(Value::from),
        Value::Array(items) => items.iter().map(|item| rendered(item, engine, known)).collect(),
        Value::Object(entries) => {
            let mut result = Map::new();
            for (name, value) in entries {
                let name = engine.render(cookiecutter::MANIFEST, name, &context)?;
                result.insert(name, rendered(value, engine, known)?);
            }
            Ok(Value::Object(result))
        }
        other => Ok(python_text(other)),
    }
}

/// Numbers become texts; true, false and nothing stay what they are.
pub(super) fn python_text(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::from(python::number_text(number)),
        other => other.clone(),
    }
}

fn in_default(error: RenderError, path: &str, name: &str) -> Finding {
    error.relocated(path, &format!("in the default of `{name}`")).into()
}
