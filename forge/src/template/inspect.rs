use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};
use skafu_events::template::ParameterType;

use super::engine::{Engine, is_dynamic};
use super::layout::{Draft, Treatment};
use super::render::Content;
use super::{
    Finding, FindingCode, ProjectFacts, RenderError, RenderProblem, Template, cookiecutter, manifest,
    parameter,
};
use crate::source::{Limits, Memory, Source, SourceFile, check_path};

/// Finds out a template's layout and checks everything that can be checked without a project: the form of
/// its description, every path, every expression, and a rendering with its own defaults.
pub fn inspect(files: &[SourceFile]) -> Result<Template, Vec<Finding>> {
    inspect_source(Arc::new(Memory::new(files.to_vec())), Limits::PLATFORM)
}

/// The same, of files that are read one by one, within other limits.
pub fn inspect_source(source: Arc<dyn Source>, limits: Limits) -> Result<Template, Vec<Finding>> {
    let (template, mut findings) = opened(source, limits)?;
    findings.splice(0..0, check_expressions(&template));
    if findings.is_empty() {
        findings = rehearse(&template);
    }
    if findings.is_empty() { Ok(template) } else { Err(findings) }
}

impl Template {
    /// Reads a template's description and list of files, and leaves it to the rendering to find what is wrong
    /// inside the files.
    pub fn open(source: Arc<dyn Source>, limits: Limits) -> Result<Self, Vec<Finding>> {
        match opened(source, limits)? {
            (template, findings) if findings.is_empty() => Ok(template),
            (_, findings) => Err(findings),
        }
    }
}

fn opened(source: Arc<dyn Source>, limits: Limits) -> Result<(Template, Vec<Finding>), Vec<Finding>> {
    let mut findings = check_files(&*source, limits);
    let draft = match draft(&source) {
        Ok(draft) => draft,
        Err(finding) => {
            findings.push(finding);
            return Err(findings);
        }
    };
    let Draft { layout, descriptor, parameters, notes, top, variables, units, library, style, .. } = draft;
    findings.extend(draft.findings);
    if units.is_empty() && findings.is_empty() {
        findings.push(Finding::new(FindingCode::MissingRequiredFile, "", "there is no file to render"));
    }
    let template = Template {
        layout,
        descriptor,
        parameters,
        notes,
        top,
        source,
        limits,
        variables,
        units,
        library,
        style,
    };
    Ok((template, findings))
}

fn check_files(source: &dyn Source, limits: Limits) -> Vec<Finding> {
    let mut findings = Vec::new();
    let entries = source.entries();
    if entries.len() > limits.files {
        let message = format!("a template may have at most {} files", limits.files);
        findings.push(Finding::new(FindingCode::InvalidFileContent, "", message));
    }
    let mut seen = BTreeSet::new();
    for entry in entries {
        if let Err(problem) = check_path(&entry.path) {
            findings.push(Finding::new(FindingCode::InvalidFilePath, &entry.path, problem.to_string()));
        }
        if !seen.insert(&entry.path) {
            let message = "two files have this path";
            findings.push(Finding::new(FindingCode::InvalidFilePath, &entry.path, message));
        }
        if entry.size > limits.file_bytes {
            let message = format!("a file may have at most {} bytes", limits.file_bytes);
            findings.push(Finding::new(FindingCode::InvalidFileContent, &entry.path, message));
        }
    }
    findings
}

fn draft(source: &Arc<dyn Source>) -> Result<Draft, Finding> {
    if let Some(manifest) = json(&**source, manifest::MANIFEST)? {
        Ok(manifest::draft(&manifest, source))
    } else if let Some(manifest) = json(&**source, cookiecutter::MANIFEST)? {
        cookiecutter::draft(&manifest, source).map_err(|error| RenderError::from(error).into())
    } else {
        let message = format!("a template needs `{}` or `{}`", manifest::MANIFEST, cookiecutter::MANIFEST);
        Err(Finding::new(FindingCode::MissingRequiredFile, manifest::MANIFEST, message))
    }
}

fn json(source: &dyn Source, path: &str) -> Result<Option<Value>, Finding> {
    let Some(at) = source.position(path) else { return Ok(None) };
    let bytes = source.read(at).map_err(|error| Finding::from(RenderError::from(error)))?;
    serde_json::from_slice(&bytes).map(Some).map_err(|error| {
        Finding::new(FindingCode::InvalidFileContent, path, format!("not JSON: {error}"))
            .at(error.line(), error.column())
    })
}

fn check_expressions(template: &Template) -> Vec<Finding> {
    let engine = Engine::new(template.style, &template.library, template.limits);
    let mut findings = Vec::new();
    for unit in &template.units {
        for piece in unit.path.iter().filter(|piece| is_dynamic(piece)) {
            let checked = engine.check(&unit.origin, piece);
            findings.extend(
                checked.err().map(|error| error.relocated(&unit.origin, "in the file's path").into()),
            );
        }
        if matches!(unit.treatment, Treatment::Render | Treatment::RenderText) {
            match template.content(unit) {
                Ok(Content::Text(text)) => {
                    findings.extend(engine.check(&unit.origin, &text).err().map(Finding::from));
                }
                Ok(Content::Bytes(_)) => {}
                Err(error) => findings.push(error.into()),
            }
        }
    }
    findings
}

/// Renders with defaults. Where a value must be given, a stand-in is used; as it may not be what the
/// template expects, only what no value could repair is reported then.
fn rehearse(template: &Template) -> Vec<Finding> {
    let project = ProjectFacts::new("Example", Some("An example"));
    let stand_ins: Map<String, Value> = template
        .parameters
        .iter()
        .filter(|parameter| parameter.required && parameter::default_of(parameter).is_none())
        .map(|parameter| (parameter.name.clone(), stand_in(parameter.parameter_type)))
        .collect();
    let mut engine = Engine::new(template.style, &template.library, template.limits);
    let evaluated = match template.variables.evaluate(&template.parameters, &stand_ins, &project, &mut engine)
    {
        Ok(evaluated) => evaluated,
        Err(findings) if stand_ins.is_empty() => return findings.into_iter().map(as_default).collect(),
        Err(_) => return Vec::new(),
    };
    let beyond_repair = |problem| matches!(problem, RenderProblem::Unsupported | RenderProblem::MissingFile);
    template
        .try_all(&evaluated.context, &mut engine)
        .into_iter()
        .filter(|error| stand_ins.is_empty() || beyond_repair(error.problem))
        .map(Finding::from)
        .collect()
}

fn as_default(finding: Finding) -> Finding {
    match finding.code {
        FindingCode::InvalidParameterValue => {
            Finding { code: FindingCode::InvalidParameterDefault, ..finding }
        }
        _ => finding,
    }
}

fn stand_in(parameter_type: ParameterType) -> Value {
    match parameter_type {
        ParameterType::String | ParameterType::Choice => Value::from("example"),
        ParameterType::Integer | ParameterType::Number => Value::from(1),
        ParameterType::Boolean => Value::from(false),
        ParameterType::Array => Value::Array(Vec::new()),
        ParameterType::Object => Value::Object(Map::new()),
    }
}
