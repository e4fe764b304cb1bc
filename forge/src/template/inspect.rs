use std::collections::BTreeSet;

use serde_json::Value;

use super::engine::{Engine, is_dynamic};
use super::layout::{Content, Draft};
use super::{Finding, FindingCode, ProjectFacts, RenderProblem, Template, cookiecutter, manifest, report};
use crate::source::{MAX_FILE_BYTES, MAX_FILES, SourceFile, check_path};

/// Finds out a template's layout and checks everything that can be checked without a project: the form of
/// its description, every path, every expression, and a rendering with its own defaults.
///
/// Errors are followed by the warnings that a sound template has in [`Template::warnings`].
pub fn inspect(files: &[SourceFile]) -> Result<Template, Vec<Finding>> {
    let mut findings = check_files(files);
    let draft = match draft(files) {
        Ok(draft) => draft,
        Err(finding) => {
            findings.push(finding);
            return Err(findings);
        }
    };
    findings.extend(report::github_errors(&draft, check_expressions(&draft)));
    let warnings = report::warnings(files, &draft);
    let Draft { layout, descriptor, parameters, notes, variables, units, library, style, .. } = draft;
    findings.extend(draft.findings);
    if units.is_empty() && findings.is_empty() {
        findings.push(Finding::new(FindingCode::MissingRequiredFile, "", "there is no file to render"));
    }
    let template =
        Template { layout, descriptor, parameters, notes, warnings, variables, units, library, style };
    if findings.is_empty() {
        findings = report::placed(files, layout, rehearse(&template));
    }
    if findings.is_empty() {
        return Ok(template);
    }
    findings.extend(template.warnings);
    Err(findings)
}

fn check_files(files: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if files.len() > MAX_FILES {
        let message = format!("a template may have at most {MAX_FILES} files");
        findings.push(Finding::new(FindingCode::InvalidFileContent, "", message));
    }
    let mut seen = BTreeSet::new();
    for file in files {
        if let Err(problem) = check_path(&file.path) {
            findings.push(Finding::new(FindingCode::InvalidFilePath, &file.path, problem.to_string()));
        }
        if !seen.insert(&file.path) {
            let message = "two files have this path";
            findings.push(Finding::new(FindingCode::InvalidFilePath, &file.path, message));
        }
        if file.content.len() as u64 > MAX_FILE_BYTES {
            let message = format!("a file may have at most {MAX_FILE_BYTES} bytes");
            findings.push(Finding::new(FindingCode::InvalidFileContent, &file.path, message));
        }
    }
    findings
}

fn draft(files: &[SourceFile]) -> Result<Draft, Finding> {
    let find = |path: &str| files.iter().find(|file| file.path == path);
    if let Some(file) = find(manifest::MANIFEST) {
        Ok(manifest::draft(&json(file)?, files))
    } else if let Some(file) = find(cookiecutter::MANIFEST) {
        Ok(cookiecutter::draft(&json(file)?, files))
    } else {
        let message = format!("a template needs `{}` or `{}`", manifest::MANIFEST, cookiecutter::MANIFEST);
        Err(Finding::new(FindingCode::MissingRequiredFile, manifest::MANIFEST, message))
    }
}

fn json(file: &SourceFile) -> Result<Value, Finding> {
    serde_json::from_slice(&file.content).map_err(|error| {
        Finding::new(FindingCode::InvalidFileContent, &file.path, format!("not JSON: {error}"))
            .at(error.line(), error.column())
    })
}

fn check_expressions(draft: &Draft) -> Vec<Finding> {
    let engine = Engine::new(draft.style, &draft.library);
    let mut findings = Vec::new();
    for unit in &draft.units {
        for piece in unit.path.iter().filter(|piece| is_dynamic(piece)) {
            let checked = engine.check(&unit.origin, piece);
            findings.extend(
                checked.err().map(|error| error.relocated(&unit.origin, "in the file's path").into()),
            );
        }
        if let Content::Text(text) = &unit.content {
            findings.extend(engine.check(&unit.origin, text).err().map(Finding::from));
        }
    }
    findings
}

/// Renders with defaults. Where a value must be given, a stand-in is used; as it may not be what the
/// template expects, only what no value could repair is reported then.
fn rehearse(template: &Template) -> Vec<Finding> {
    let project = ProjectFacts::new("Example", Some("An example"));
    let stand_ins = report::stand_ins(&template.parameters);
    let mut engine = Engine::new(template.style, &template.library);
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
