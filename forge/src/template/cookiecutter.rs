//! The layout of cookiecutter: `cookiecutter.json` beside one directory named by an expression.

use std::sync::Arc;

use regex::Regex;
use serde_json::{Map, Value};
use skafu_events::template::{Parameter, ParameterType};

use super::cookiecutter_units::units;
use super::glob::fnmatch;
use super::layout::{Draft, Style};
use super::library::Library;
use super::nested;
use super::python::NewLine;
use super::report::hooks;
use super::variables::{Variables, python_text};
use super::{Descriptor, Finding, FindingCode, Layout};
use crate::source::{Source, SourceError, Subtree};

/// The file that makes a directory a cookiecutter template.
pub(super) const MANIFEST: &str = "cookiecutter.json";

/// How many templates may be chosen one after the other.
const MAX_NESTING: usize = 5;

/// What people are asked instead of a variable's name.
const PROMPTS: &str = "__prompts__";

/// Extensions that are built in here, or whose use is reported where it stands.
const KNOWN_EXTENSIONS: [&str; 10] = [
    "jinja2.ext.autoescape",
    "jinja2.ext.do",
    "jinja2.ext.loopcontrols",
    "jinja2.ext.with_",
    "jinja2_time.TimeExtension",
    "cookiecutter.extensions.JsonifyExtension",
    "cookiecutter.extensions.RandomStringExtension",
    "cookiecutter.extensions.SlugifyExtension",
    "cookiecutter.extensions.TimeExtension",
    "cookiecutter.extensions.UUIDExtension",
];

pub(super) fn draft(manifest: &Value, source: &Arc<dyn Source>) -> Result<Draft, SourceError> {
    draft_at(manifest, source, MAX_NESTING)
}

fn draft_at(manifest: &Value, source: &Arc<dyn Source>, nesting: usize) -> Result<Draft, SourceError> {
    let chosen = manifest.as_object().and_then(nested::chosen);
    let problem = match chosen {
        None => return flat(manifest, source),
        Some(_) if nesting == 0 => "templates are nested too deeply".to_owned(),
        Some(Err(problem)) => problem,
        Some(Ok(path)) => {
            let inner: Arc<dyn Source> = Arc::new(Subtree::of(source.clone(), &path));
            let found = inner.position(MANIFEST).map(|at| inner.read(at)).transpose()?;
            match found.map(|content| serde_json::from_slice::<Value>(&content)) {
                Some(Ok(manifest)) => return draft_at(&manifest, &inner, nesting - 1),
                Some(Err(error)) => format!("`{path}/{MANIFEST}` is not JSON: {error}"),
                None => format!("there is no `{path}/{MANIFEST}`"),
            }
        }
    };
    let mut draft = flat(&Value::Object(Map::new()), source)?;
    draft.findings = vec![Finding::new(FindingCode::MissingRequiredFile, MANIFEST, problem)];
    Ok(draft)
}

fn flat(manifest: &Value, source: &Arc<dyn Source>) -> Result<Draft, SourceError> {
    let mut findings = Vec::new();
    let mut report = |code, message: String| findings.push(Finding::new(code, MANIFEST, message));
    let empty = Map::new();
    let fields = manifest.as_object().unwrap_or_else(|| {
        report(FindingCode::InvalidJsonSchema, "must be a JSON object".to_owned());
        &empty
    });
    let style = style(fields, &mut report);
    extensions(fields, &mut report);
    let copy_only = copy_only(fields, &mut report);
    let prompts = fields.get(PROMPTS).and_then(Value::as_object).unwrap_or(&empty);
    let variables: Vec<(String, Value)> = fields
        .iter()
        .filter(|(name, _)| *name != PROMPTS)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let parameters = variables
        .iter()
        .filter(|(name, _)| !name.starts_with('_'))
        .map(|(name, value)| {
            if value.as_array().is_some_and(Vec::is_empty) {
                let message = format!("the variable `{name}` has no choices");
                report(FindingCode::InvalidParameterDefault, message);
            }
            to_parameter(name, value, prompts.get(name), &style)
        })
        .collect();
    let top = top_directory(&**source, &style, &mut findings);
    let units = match &top {
        Some(top) => units(&**source, top, &copy_only, &mut findings)?,
        None => Vec::new(),
    };
    Ok(Draft {
        source: source.clone(),
        layout: Layout::Cookiecutter,
        descriptor: Descriptor::default(),
        parameters,
        notes: hooks::notes(&**source)?,
        variables: Variables::Cookiecutter(variables),
        units,
        // Includes are named from the top directory, or from `templates/` beside it.
        library: Library::new(source.clone(), top.iter().cloned().chain(["templates".to_owned()]).collect()),
        top,
        style,
        findings,
    })
}

fn to_parameter(name: &str, value: &Value, prompt: Option<&Value>, style: &Style) -> Parameter {
    let description = match prompt {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Object(texts)) => texts.get("__prompt__").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    let (parameter_type, default, choices) = match value {
        Value::Bool(_) => (ParameterType::Boolean, Some(value.clone()), Vec::new()),
        Value::Object(_) => (ParameterType::Object, Some(value.clone()), Vec::new()),
        // Choices that are expressions can only be compared once they are rendered.
        Value::Array(list)
            if list.iter().any(|item| item.as_str().is_some_and(|text| style.is_dynamic(text))) =>
        {
            (ParameterType::String, None, Vec::new())
        }
        Value::Array(list) => (ParameterType::Choice, None, list.iter().map(python_text).collect()),
        Value::Null => (ParameterType::String, None, Vec::new()),
        Value::String(_) | Value::Number(_) => (ParameterType::String, Some(python_text(value)), Vec::new()),
    };
    Parameter { description, default, choices, ..Parameter::new(name, parameter_type) }
}

fn style(fields: &Map<String, Value>, report: &mut impl FnMut(FindingCode, String)) -> Style {
    let options = fields.get("_jinja2_env_vars").and_then(Value::as_object);
    let (mut style, problems) = options.map(Style::from_options).unwrap_or_default();
    for problem in problems {
        report(FindingCode::UnsupportedFeature, format!("`_jinja2_env_vars`: {problem}"));
    }
    match fields.get("_new_lines") {
        // Nothing, as Python sees it.
        None | Some(Value::Null | Value::Bool(false)) => {}
        Some(Value::String(text)) if text.is_empty() => {}
        Some(value) => match value.as_str().and_then(NewLine::from_text) {
            Some(new_line) => style.file_new_line = Some(new_line),
            None => report(FindingCode::InvalidJsonSchema, format!("`_new_lines` cannot be {value}")),
        },
    }
    style
}

fn extensions(fields: &Map<String, Value>, report: &mut impl FnMut(FindingCode, String)) {
    for list in ["_extensions", "_jinja2_extensions"].iter().filter_map(|name| fields.get(*name)) {
        for extension in list.as_array().into_iter().flatten() {
            if !extension.as_str().is_some_and(|name| KNOWN_EXTENSIONS.contains(&name)) {
                report(
                    FindingCode::UnsupportedFeature,
                    format!("the extension {extension} is not supported"),
                );
            }
        }
    }
}

fn copy_only(fields: &Map<String, Value>, report: &mut impl FnMut(FindingCode, String)) -> Vec<Regex> {
    let patterns: Vec<Value> = match fields.get("_copy_without_render") {
        None => Vec::new(),
        Some(Value::Array(patterns)) => patterns.clone(),
        // Python takes every character of a text for a pattern.
        Some(Value::String(text)) => text.chars().map(|c| Value::from(c.to_string())).collect(),
        Some(other) => vec![other.clone()],
    };
    let mut expressions = Vec::new();
    for pattern in patterns {
        match pattern.as_str().and_then(fnmatch) {
            Some(expression) => expressions.push(expression),
            None => {
                let message = format!("`_copy_without_render` has {pattern}, which is no pattern");
                report(FindingCode::InvalidJsonSchema, message);
            }
        }
    }
    expressions
}

fn top_directory(source: &dyn Source, style: &Style, findings: &mut Vec<Finding>) -> Option<String> {
    let mut tops: Vec<&str> = source
        .entries()
        .iter()
        .filter_map(|entry| entry.path.split_once('/').map(|(top, _)| top))
        .filter(|top| style.is_top_directory(top))
        .collect();
    tops.sort_unstable();
    tops.dedup();
    let message = match tops.as_slice() {
        [top] => return Some((*top).to_owned()),
        [] => "no directory is named by an expression, such as `{{cookiecutter.project_slug}}`".to_owned(),
        tops => format!("more than one directory is named by an expression: {}", tops.join(", ")),
    };
    findings.push(Finding::new(FindingCode::MissingRequiredFile, "", message));
    None
}
