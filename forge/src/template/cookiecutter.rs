//! The layout of cookiecutter: `cookiecutter.json` beside one directory named by an expression.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Map, Value};
use skafu_events::template::{Parameter, ParameterType};

use super::glob::fnmatch;
use super::layout::{Content, Draft, Library, Style, Unit};
use super::nested;
use super::python::{NewLine, is_binary};
use super::variables::{Variables, python_text};
use super::{Descriptor, Finding, FindingCode, Layout, parameter};
use crate::source::{FileMode, SourceFile};

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

pub(super) fn draft(manifest: &Value, files: &[SourceFile]) -> Draft {
    draft_at(manifest, files, MAX_NESTING)
}

fn draft_at(manifest: &Value, files: &[SourceFile], nesting: usize) -> Draft {
    let chosen = manifest.as_object().and_then(nested::chosen);
    let problem = match chosen {
        None => return flat(manifest, files),
        Some(_) if nesting == 0 => "templates are nested too deeply".to_owned(),
        Some(Err(problem)) => problem,
        Some(Ok(path)) => {
            let inner: Vec<SourceFile> = below(files, &path)
                .map(|(inner, file)| SourceFile { path: inner.to_owned(), ..file.clone() })
                .collect();
            let found = inner.iter().find(|file| file.path == MANIFEST);
            match found.map(|file| serde_json::from_slice::<Value>(&file.content)) {
                Some(Ok(manifest)) => return draft_at(&manifest, &inner, nesting - 1),
                Some(Err(error)) => format!("`{path}/{MANIFEST}` is not JSON: {error}"),
                None => format!("there is no `{path}/{MANIFEST}`"),
            }
        }
    };
    let mut draft = flat(&Value::Object(Map::new()), &[]);
    draft.findings = vec![Finding::new(FindingCode::MissingRequiredFile, MANIFEST, problem)];
    draft
}

fn flat(manifest: &Value, files: &[SourceFile]) -> Draft {
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
            if !parameter::is_name(name) {
                let message = format!("the variable `{name}` must be of letters, digits and `_`");
                report(FindingCode::InvalidJsonSchema, message);
            }
            if value.as_array().is_some_and(Vec::is_empty) {
                let message = format!("the variable `{name}` has no choices");
                report(FindingCode::InvalidParameterDefault, message);
            }
            to_parameter(name, value, prompts.get(name), &style)
        })
        .collect();
    let top = top_directory(files, &style, &mut findings);
    Draft {
        layout: Layout::Cookiecutter,
        descriptor: Descriptor::default(),
        parameters,
        notes: hooks(files),
        variables: Variables::Cookiecutter(variables),
        units: top.map(|top| units(files, top, &copy_only)).unwrap_or_default(),
        library: top.map(|top| Library::new(library(files, top))).unwrap_or_default(),
        style,
        findings,
    }
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
    Parameter {
        name: name.to_owned(),
        parameter_type,
        description,
        required: false,
        default,
        choices,
        pattern: None,
    }
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

fn top_directory<'f>(files: &'f [SourceFile], style: &Style, findings: &mut Vec<Finding>) -> Option<&'f str> {
    let mut tops: Vec<&str> = files
        .iter()
        .filter_map(|file| file.path.split_once('/').map(|(top, _)| top))
        .filter(|top| style.is_top_directory(top))
        .collect();
    tops.sort_unstable();
    tops.dedup();
    let message = match tops.as_slice() {
        [top] => return Some(top),
        [] => "no directory is named by an expression, such as `{{cookiecutter.project_slug}}`".to_owned(),
        tops => format!("more than one directory is named by an expression: {}", tops.join(", ")),
    };
    findings.push(Finding::new(FindingCode::MissingRequiredFile, "", message));
    None
}

fn units(files: &[SourceFile], top: &str, copy_only: &[Regex]) -> Vec<Unit> {
    let is_copied = |path: &str| copy_only.iter().any(|pattern| pattern.is_match(path));
    below(files, top)
        .map(|(path, file)| {
            // A directory that is copied keeps the names of everything in it.
            let copied_directory =
                path.match_indices('/').map(|(at, _)| path.split_at(at)).find(|(above, _)| is_copied(above));
            let (rendered_path, tail) = copied_directory.unwrap_or((path, ""));
            let text = text_of(file).filter(|_| copied_directory.is_none() && !is_copied(path));
            Unit {
                origin: file.path.clone(),
                path: vec![rendered_path.to_owned()],
                tail: tail.to_owned(),
                mode: file.mode,
                content: text.map_or_else(
                    || Content::Bytes(file.content.clone()),
                    |text| Content::Text(text.to_owned()),
                ),
            }
        })
        .collect()
}

/// Includes are named from the top directory, or from `templates/` beside it.
fn library(files: &[SourceFile], top: &str) -> BTreeMap<String, String> {
    below(files, "templates")
        .chain(below(files, top))
        .filter_map(|(path, file)| Some((path.to_owned(), text_of(file)?.to_owned())))
        .collect()
}

fn below<'f>(files: &'f [SourceFile], top: &'f str) -> impl Iterator<Item = (&'f str, &'f SourceFile)> {
    files.iter().filter_map(move |file| Some((file.path.strip_prefix(top)?.strip_prefix('/')?, file)))
}

/// The text to render, if there is one; the target of a link is rendered in any case.
fn text_of(file: &SourceFile) -> Option<&str> {
    let is_copied = file.mode != FileMode::Symlink && is_binary(&file.path, &file.content);
    std::str::from_utf8(&file.content).ok().filter(|_| !is_copied)
}

fn hooks(files: &[SourceFile]) -> Vec<String> {
    let hooks = files.iter().filter(|file| file.path.starts_with("hooks/"));
    hooks.map(|file| format!("`{}` is never run", file.path)).collect()
}
