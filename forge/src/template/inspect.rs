use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::engine::{Engine, is_dynamic};
use super::layout::{Draft, Treatment};
use super::render::Content;
use super::report::Subject;
use super::{
    Finding, FindingCode, ProjectFacts, RenderError, RenderProblem, Template, cookiecutter, manifest, report,
};
use crate::source::{EntryKind, Limits, Memory, Source, SourceFile, check_path};

/// Finds out a template's layout and checks everything that can be checked without a project: the form of
/// its description, every path, every expression, and a rendering with its own defaults.
///
/// Errors are followed by the warnings that a sound template has in [`Template::warnings`].
pub fn inspect(files: &[SourceFile]) -> Result<Template, Vec<Finding>> {
    inspect_source(Arc::new(Memory::new(files.to_vec())), Limits::PLATFORM)
}

/// The same, of any source, within other limits. All of it is read at once.
pub fn inspect_source(source: Arc<dyn Source>, limits: Limits) -> Result<Template, Vec<Finding>> {
    let (mut template, mut findings) = opened(source, limits)?;
    let files = files(&*template.source).map_err(|error| vec![Finding::from(error)])?;
    let (texts, unreadable) = texts(&template);
    let subject = Subject { files: &files, template: &template, texts: &texts };
    let mut expressions = report::github_errors(&subject);
    expressions.extend(check_expressions(&subject));
    expressions.extend(unreadable);
    let warnings = report::warnings(&subject);
    if findings.is_empty() {
        // What cannot be parsed is told already; the other files may have mistakes of their own.
        let broken: BTreeSet<&str> = expressions.iter().map(|finding| finding.path.as_str()).collect();
        let rehearsed = rehearse(&template, &|path| !broken.contains(path));
        findings.extend(report::placed(&subject, rehearsed));
    }
    findings.splice(0..0, expressions);
    if findings.is_empty() {
        template.warnings = warnings;
        return Ok(template);
    }
    findings.extend(warnings);
    Err(findings)
}

/// Everything, the directories left out.
fn files(source: &dyn Source) -> Result<Vec<SourceFile>, RenderError> {
    let mut files = Vec::new();
    for (at, entry) in source.entries().iter().enumerate() {
        if let EntryKind::File(mode) = entry.kind {
            files.push(SourceFile { path: entry.path.clone(), mode, content: source.read(at)? });
        }
    }
    Ok(files)
}

/// What is rendered, in the order of the units; and what should be and is no text.
fn texts(template: &Template) -> (Vec<Option<String>>, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut texts = Vec::with_capacity(template.units.len());
    for unit in &template.units {
        let is_rendered = matches!(unit.treatment, Treatment::Render | Treatment::RenderText);
        texts.push(match is_rendered.then(|| template.content(unit)) {
            Some(Ok(Content::Text(text))) => Some(text),
            Some(Err(error)) => {
                findings.push(error.into());
                None
            }
            Some(Ok(Content::Bytes(_))) | None => None,
        });
    }
    (texts, findings)
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
    let Draft {
        source, layout, descriptor, parameters, notes, top, variables, units, library, style, ..
    } = draft;
    findings.extend(draft.findings);
    if units.is_empty() && findings.is_empty() {
        findings.push(Finding::new(FindingCode::MissingRequiredFile, "", "there is no file to render"));
    }
    let template = Template {
        layout,
        descriptor,
        parameters,
        notes,
        warnings: Vec::new(),
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
        manifest::draft(&manifest, source).map_err(|error| RenderError::from(error).into())
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

fn check_expressions(subject: &Subject<'_>) -> Vec<Finding> {
    let template = subject.template;
    let engine = Engine::new(&template.style, &template.library, template.limits);
    let mut findings = Vec::new();
    for unit in &template.units {
        for piece in unit.path.iter().filter(|piece| is_dynamic(piece)) {
            let checked = engine.check(&unit.origin, piece);
            findings.extend(
                checked.err().map(|error| error.relocated(&unit.origin, "in the file's path").into()),
            );
        }
    }
    for (path, text) in subject.texts() {
        let own = report::own(template.layout, text);
        findings.extend(engine.check(path, &own).err().map(Finding::from));
    }
    findings
}

/// Renders with defaults. Where a value must be given, a stand-in is used; as it may not be what the
/// template expects, only what no value could repair is reported then.
fn rehearse(template: &Template, is_parsed: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let project = ProjectFacts::new("Example", Some("An example"));
    let stand_ins = report::stand_ins(&template.parameters);
    let mut engine = Engine::new(&template.style, &template.library, template.limits);
    let evaluated = match template.variables.evaluate(&template.parameters, &stand_ins, &project, &mut engine)
    {
        Ok(evaluated) => evaluated,
        Err(findings) if stand_ins.is_empty() => return findings.into_iter().map(as_default).collect(),
        Err(_) => return Vec::new(),
    };
    let beyond_repair = |problem| matches!(problem, RenderProblem::Unsupported | RenderProblem::MissingFile);
    template
        .try_all(&evaluated.context, &mut engine, is_parsed)
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
