//! How the tests say what a template is made of.

#![allow(dead_code, clippy::expect_used, reason = "each test binary uses a part, and fails where that fails")]

use serde_json::{Map, Value};
use skafu_forge::source::{FileMode, SourceFile};
use skafu_forge::template::{Finding, FindingCode, ProjectFacts, RenderError, Template, inspect};

/// Files from pairs of path and text.
pub fn files(pairs: &[(&str, &str)]) -> Vec<SourceFile> {
    pairs.iter().map(|(path, text)| SourceFile::regular(*path, *text)).collect()
}

/// A symbolic link.
pub fn link(path: &str, target: &str) -> SourceFile {
    SourceFile { path: path.to_owned(), mode: FileMode::Symlink, content: target.into() }
}

/// A sound template.
pub fn template(pairs: &[(&str, &str)]) -> Template {
    inspect(&files(pairs)).expect("the template is sound")
}

/// The errors of an unsound one.
pub fn findings(pairs: &[(&str, &str)]) -> Vec<Finding> {
    let mut findings = inspect(&files(pairs)).expect_err("the template is not sound");
    findings.retain(Finding::is_error);
    findings
}

/// The codes of the errors of an unsound one.
pub fn codes(pairs: &[(&str, &str)]) -> Vec<FindingCode> {
    findings(pairs).into_iter().map(|finding| finding.code).collect()
}

/// The description of a native template with these parameters, each on a line of its own, the first on line 2.
pub fn asking(parameters: &[&str]) -> String {
    format!("{{\"name\": \"T\", \"parameters\": [\n{}\n]}}", parameters.join(",\n"))
}

/// The project every test renders for.
pub fn project() -> ProjectFacts {
    ProjectFacts::new("Demo Shop", Some("Sells \"things\""))
}

/// A JSON object.
pub fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

/// Resolves and renders.
pub fn render(template: &Template, given: Value) -> Result<Vec<SourceFile>, RenderError> {
    let parameters = template.resolve(&object(given), &project()).expect("the parameters resolve");
    template.render(&parameters, &project())
}

/// Resolves and renders to pairs of path and text.
pub fn rendered(pairs: &[(&str, &str)], given: Value) -> Vec<(String, String)> {
    render(&template(pairs), given)
        .expect("the template renders")
        .into_iter()
        .map(|file| (file.path, String::from_utf8(file.content).expect("text")))
        .collect()
}

/// Pairs as `rendered` gives them.
pub fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// Why a sound template does not render with these values.
pub fn refusal(template: &Template, given: Value) -> RenderError {
    render(template, given).expect_err("the template does not render")
}

/// The text of the file at `path`.
pub fn text_at(files: &[SourceFile], path: &str) -> String {
    let file = files.iter().find(|file| file.path == path).expect("the file is there");
    String::from_utf8(file.content.clone()).expect("text")
}
