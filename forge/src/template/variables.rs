//! From what was given to what expressions can name.

use minijinja::Value as Dynamic;
use serde_json::{Map, Value};
use skafu_events::template::Parameter;

use super::engine::{Engine, is_dynamic};
use super::{Finding, FindingCode, ProjectFacts, RenderError, cookiecutter, manifest, parameter, python};

/// What every native template can name without declaring it.
pub(super) const PROJECT_FACTS: [&str; 3] = ["project_name", "project_slug", "project_description"];

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
fn baked(
    entries: &[(String, Value)],
    given: &Map<String, Value>,
    project: &ProjectFacts,
    engine: &mut Engine,
    findings: &mut Vec<Finding>,
) -> Evaluated {
    let mut known: Map<String, Value> = Map::new();
    let (dictionaries, others): (Vec<_>, Vec<_>) =
        entries.iter().partition(|(name, value)| value.is_object() && !is_private(name));
    for (name, value) in others.into_iter().chain(dictionaries) {
        let settled = if is_private(name) && !name.starts_with("__") {
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
        known.insert(name.clone(), value);
    }
    let parameters = entries
        .iter()
        .filter(|(name, _)| !is_private(name))
        .filter_map(|(name, _)| Some((name.clone(), known.get(name)?.clone())))
        .collect();
    Evaluated { parameters, context: in_cookiecutter(&known) }
}

fn in_context(context: &Map<String, Value>) -> Dynamic {
    Dynamic::from_pairs(context.iter().map(|(name, value)| (name.as_str(), python::from_json(value))))
}

fn is_private(name: &str) -> bool {
    name.starts_with('_')
}

fn in_cookiecutter(known: &Map<String, Value>) -> Dynamic {
    let known = known.iter().map(|(name, value)| (name.as_str(), python::from_json(value)));
    Dynamic::from_pairs([("cookiecutter", python::dict(known))])
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

fn rendered(value: &Value, engine: &mut Engine, known: &Map<String, Value>) -> Result<Value, RenderError> {
    match value {
        Value::String(text) => {
            engine.render(cookiecutter::MANIFEST, text, &in_cookiecutter(known)).map(Value::from)
        }
        Value::Array(items) => items.iter().map(|item| rendered(item, engine, known)).collect(),
        Value::Object(entries) => {
            let mut result = Map::new();
            for (name, value) in entries {
                let name = engine.render(cookiecutter::MANIFEST, name, &in_cookiecutter(known))?;
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
        Value::Number(number) => Value::from(number.to_string()),
        other => other.clone(),
    }
}

fn in_default(error: RenderError, path: &str, name: &str) -> Finding {
    error.relocated(path, &format!("in the default of `{name}`")).into()
}
