//! What every [`Renderer`] must do.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

use serde_json::{Map, Value, json};

use super::{RenderFailure, Renderer};
use crate::source::{FileMode, SourceFile};
use crate::template::{FindingCode, ProjectFacts, RenderProblem};

fn files(texts: &[(&str, &str)]) -> Vec<SourceFile> {
    texts.iter().map(|(path, text)| SourceFile::regular(*path, *text)).collect()
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

/// Runs all of it.
pub async fn run(renderer: &dyn Renderer) {
    sound_templates_come_back_rendered(renderer).await;
    mistakes_are_told_all_at_once(renderer).await;
    endless_work_ends(renderer).await;
}

async fn sound_templates_come_back_rendered(renderer: &dyn Renderer) {
    let manifest = r#"{"name": "T", "parameters": [{"name": "size", "type": "integer", "default": 3}]}"#;
    let mut given = files(&[("template.json", manifest), ("{{ project_slug }}.txt.j2", "{{ size }} ü\n")]);
    given.push(SourceFile {
        mode: FileMode::Executable,
        ..SourceFile::regular("run", vec![0, 159, 146, 150, b'\n'])
    });
    let project = ProjectFacts::new("Demo Shop", None);
    let inspection = renderer.inspect(given.clone()).await.unwrap();
    assert_eq!(inspection.parameters[0].name, "size");
    let parameters =
        renderer.resolve(given.clone(), object(json!({"size": 4})), project.clone()).await.unwrap();
    assert_eq!(parameters, object(json!({"size": 4})));
    let made = renderer.render(given.clone(), parameters, project).await.unwrap();
    assert_eq!(made, vec![SourceFile::regular("demo-shop.txt", "4 ü\n"), given[2].clone()]);
}

async fn mistakes_are_told_all_at_once(renderer: &dyn Renderer) {
    let given = files(&[("template.json", r#"{"name": "T"}"#), ("a.j2", "{{ }}"), ("b.j2", "{% nothing %}")]);
    let Err(RenderFailure::Findings(findings)) = renderer.inspect(given).await else { panic!("no findings") };
    let errors = findings.iter().filter(|finding| finding.is_error());
    let codes: Vec<_> = errors.map(|finding| finding.code).collect();
    assert_eq!(codes, [FindingCode::InvalidTemplateSyntax, FindingCode::UnsupportedFeature]);
    let given = files(&[("template.json", r#"{"name": "T"}"#), ("a", "")]);
    let unknown = renderer.resolve(given, object(json!({"x": 1})), ProjectFacts::new("A", None)).await;
    let Err(RenderFailure::Findings(findings)) = unknown else { panic!("no findings") };
    assert_eq!(findings[0].code, FindingCode::InvalidParameterValue);
}

async fn endless_work_ends(renderer: &dyn Renderer) {
    let manifest = r#"{"name": "T", "parameters": [{"name": "go", "type": "boolean", "default": false}]}"#;
    let endless = "{% if go %}{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}{% endif %}";
    let given = files(&[("template.json", manifest), ("a.j2", endless)]);
    let project = ProjectFacts::new("A", None);
    let rendered = renderer.render(given, object(json!({"go": true})), project).await;
    let Err(RenderFailure::Render(error)) = rendered else { panic!("no end: {rendered:?}") };
    assert_eq!((error.problem, error.path.as_str()), (RenderProblem::OutOfFuel, "a.j2"));
}
