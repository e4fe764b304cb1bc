//! The native layout: `template.json` beside the files.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use skafu_events::template::{Parameter, ParameterType, TemplateType};

use super::engine::is_dynamic;
use super::layout::{Content, Draft, Library, Style, Unit};
use super::variables::{PROJECT_FACTS, Variables};
use super::{Descriptor, Finding, FindingCode, Layout, parameter};
use crate::source::{FileMode, SourceFile};

/// The file that makes a directory a native template.
pub(super) const MANIFEST: &str = "template.json";
/// What a rendered file's name ends in.
const SUFFIX: &str = ".j2";

const FIELDS: [&str; 6] = ["$schema", "id", "name", "type", "description", "parameters"];
const PARAMETER_FIELDS: [&str; 7] =
    ["name", "type", "description", "required", "default", "choices", "pattern"];

pub(super) fn draft(manifest: &Value, files: &[SourceFile]) -> Draft {
    let mut reader = Reader { findings: Vec::new() };
    let (descriptor, parameters) = reader.manifest(manifest);
    let mut draft = Draft {
        layout: Layout::Native,
        descriptor,
        parameters,
        notes: Vec::new(),
        variables: Variables::Native,
        units: Vec::new(),
        library: Library::default(),
        style: Style { trim_blocks: true, lstrip_blocks: true, ..Style::default() },
        findings: reader.findings,
    };
    let mut library = BTreeMap::new();
    for file in files.iter().filter(|file| file.path != MANIFEST) {
        let text = std::str::from_utf8(&file.content).ok();
        if let Some(text) = text {
            library.insert(file.path.clone(), text.to_owned());
        }
        let target = file.path.strip_suffix(SUFFIX);
        let rendered = target.is_some() || file.mode == FileMode::Symlink;
        let content = match text {
            Some(text) if rendered => Content::Text(text.to_owned()),
            _ => Content::Bytes(file.content.clone()),
        };
        if rendered && text.is_none() {
            let message = "a rendered file must be UTF-8";
            draft.findings.push(Finding::new(FindingCode::InvalidFileContent, &file.path, message));
        }
        draft.units.push(Unit {
            origin: file.path.clone(),
            path: target.unwrap_or(&file.path).split('/').map(str::to_owned).collect(),
            tail: String::new(),
            mode: file.mode,
            content,
        });
    }
    draft.library = Library::new(library);
    draft
}

struct Reader {
    findings: Vec<Finding>,
}

impl Reader {
    fn report(&mut self, code: FindingCode, message: impl Into<String>) {
        self.findings.push(Finding::new(code, MANIFEST, message));
    }

    fn manifest(&mut self, value: &Value) -> (Descriptor, Vec<Parameter>) {
        let Some(fields) = value.as_object() else {
            self.report(FindingCode::InvalidJsonSchema, "must be a JSON object");
            return (Descriptor::default(), Vec::new());
        };
        self.known(fields, &FIELDS, "the template");
        let name = self.text(fields, "name", "the template");
        if name.as_deref().is_none_or(|name| name.trim().is_empty()) {
            self.report(FindingCode::InvalidJsonSchema, "the template needs a `name`");
        }
        let template_type = self.text(fields, "type", "the template").and_then(|text| {
            let known = serde_json::from_value::<TemplateType>(Value::from(text.as_str())).ok();
            if known.is_none() {
                let message = format!(
                    "`{text}` is not a type of template: project, service, component, config, infrastructure"
                );
                self.report(FindingCode::InvalidJsonSchema, message);
            }
            known
        });
        let descriptor = Descriptor {
            id: self.text(fields, "id", "the template"),
            name,
            template_type: template_type.unwrap_or_default(),
            description: self.text(fields, "description", "the template"),
        };
        (descriptor, self.parameters(fields.get("parameters")))
    }

    fn parameters(&mut self, value: Option<&Value>) -> Vec<Parameter> {
        let list = match value {
            None => return Vec::new(),
            Some(Value::Array(list)) => list,
            Some(_) => {
                self.report(FindingCode::InvalidJsonSchema, "`parameters` must be a list");
                return Vec::new();
            }
        };
        let mut parameters: Vec<Parameter> = Vec::new();
        for (at, value) in list.iter().enumerate() {
            let Some(parameter) = self.parameter(at, value) else { continue };
            let name = parameter.name.as_str();
            if PROJECT_FACTS.contains(&name) || parameters.iter().any(|other| other.name == name) {
                let message = format!("the name `{name}` is already taken");
                self.report(FindingCode::DuplicateParameterName, message);
            }
            parameters.push(parameter);
        }
        parameters
    }

    fn parameter(&mut self, at: usize, value: &Value) -> Option<Parameter> {
        let Some(fields) = value.as_object() else {
            self.report(FindingCode::InvalidJsonSchema, format!("parameter {at} must be an object"));
            return None;
        };
        let of = match fields.get("name").and_then(Value::as_str) {
            Some(name) => format!("parameter `{name}`"),
            None => format!("parameter {at}"),
        };
        self.known(fields, &PARAMETER_FIELDS, &of);
        let name = self.text(fields, "name", &of).unwrap_or_default();
        if !parameter::is_name(&name) {
            let message = format!("{of} needs a `name` of letters, digits and `_`");
            self.report(FindingCode::InvalidJsonSchema, message);
        }
        let type_name = self.text(fields, "type", &of);
        let parameter_type = type_name.as_deref().and_then(parameter::parse_type);
        if parameter_type.is_none() {
            let types = "string, integer, number, boolean, array, object, choice";
            self.report(FindingCode::InvalidParameterType, format!("{of} needs a `type`: {types}"));
        }
        // Unless the template says otherwise, what has no value of its own needs one.
        let has_value = fields.contains_key("default") || fields.contains_key("choices");
        let required = fields.get("required").cloned().unwrap_or(Value::Bool(!has_value));
        if !required.is_boolean() {
            self.report(FindingCode::InvalidJsonSchema, format!("`required` of {of} must be true or false"));
        }
        let parameter = Parameter {
            name,
            parameter_type: parameter_type?,
            description: self.text(fields, "description", &of),
            required: required.as_bool().unwrap_or_default(),
            default: fields.get("default").cloned(),
            choices: self.choices(fields, parameter_type?, &of),
            pattern: self.pattern(fields, parameter_type?, &of),
        };
        self.default(&parameter, &of);
        Some(parameter)
    }

    fn choices(&mut self, fields: &Map<String, Value>, of_type: ParameterType, of: &str) -> Vec<Value> {
        let choices = match fields.get("choices") {
            None => Vec::new(),
            Some(Value::Array(choices)) => choices.clone(),
            Some(_) => {
                self.report(FindingCode::InvalidJsonSchema, format!("`choices` of {of} must be a list"));
                return Vec::new();
            }
        };
        if (of_type == ParameterType::Choice) == choices.is_empty() {
            let message = format!("{of}: `choices` belong to the type choice, which needs at least one");
            self.report(FindingCode::InvalidJsonSchema, message);
        }
        choices
    }

    fn pattern(&mut self, fields: &Map<String, Value>, of_type: ParameterType, of: &str) -> Option<String> {
        let pattern = self.text(fields, "pattern", of)?;
        if of_type != ParameterType::String {
            let message = format!("{of}: a `pattern` belongs to the type string");
            self.report(FindingCode::InvalidJsonSchema, message);
        }
        if let Err(error) = parameter::whole(&pattern) {
            let message = format!("the `pattern` of {of} is not a regular expression: {error}");
            self.report(FindingCode::InvalidJsonSchema, message);
            return None;
        }
        Some(pattern)
    }

    fn default(&mut self, parameter: &Parameter, of: &str) {
        let Some(default) = &parameter.default else { return };
        // What an expression gives is only known once earlier values are.
        if default.as_str().is_some_and(is_dynamic) {
            return;
        }
        if let Err(problem) = parameter::check_value(parameter, default) {
            self.report(FindingCode::InvalidParameterDefault, format!("the default of {of} {problem}"));
        }
    }

    fn text(&mut self, fields: &Map<String, Value>, field: &str, of: &str) -> Option<String> {
        match fields.get(field)? {
            Value::String(text) => Some(text.clone()),
            _ => {
                self.report(FindingCode::InvalidJsonSchema, format!("`{field}` of {of} must be a text"));
                None
            }
        }
    }

    fn known(&mut self, fields: &Map<String, Value>, known: &[&str], of: &str) {
        for field in fields.keys().filter(|field| !known.contains(&field.as_str())) {
            let message = format!("{of} has an unknown field `{field}`; known are {}", known.join(", "));
            self.report(FindingCode::InvalidJsonSchema, message);
        }
    }
}
