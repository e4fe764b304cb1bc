//! Templates that mean harm: they cannot get out of their tree, nor run for ever.

mod support;

use serde_json::json;
use skafu_forge::source::{FileMode, SourceFile};
use skafu_forge::template::{Finding, FindingCode, RenderProblem, inspect};
use support::{codes, files, link, refusal, render, template};

/// Harmless by default, so that it passes inspection.
const ASKS: (&str, &str) =
    ("template.json", r#"{"name": "T", "parameters": [{"name": "x", "type": "string", "default": "ok"}]}"#);

fn problem(path: &str, text: &str, given: &str) -> RenderProblem {
    refusal(&template(&[ASKS, (path, text)]), json!({ "x": given })).problem
}

#[test]
fn no_path_leaves_the_tree() {
    for path in ["../x", "/x", "a/../../x", ".git/config", "a\\b", "sub/.GIT/x"] {
        assert_eq!(codes(&[ASKS, (path, "")]), [FindingCode::InvalidFilePath], "{path}");
    }
    for given in ["..", "../..", "/etc", ".git", ".Git", "a\\b", "a\u{0}", "a\nb", "C:"] {
        assert_eq!(problem("{{ x }}/hooks", "", given), RenderProblem::Tree, "{given:?}");
    }
}

#[test]
fn no_link_leaves_the_tree() {
    let mut given = files(&[ASKS]);
    given.push(link("d/link", "../{{ x }}"));
    let template = inspect(&given).unwrap();
    assert!(render(&template, json!({"x": "d"})).is_ok());
    for target in ["../x", "/etc/passwd", "a/../../b"] {
        assert_eq!(refusal(&template, json!({ "x": target })).problem, RenderProblem::Tree, "{target}");
    }
}

#[test]
fn no_file_hides_behind_another() {
    let collision = [ASKS, ("{{ x }}", "1"), ("b", "2")];
    assert_eq!(refusal(&template(&collision), json!({"x": "b"})).problem, RenderProblem::Tree);
    let through = [ASKS, ("{{ x }}/f", "1"), ("b", "2")];
    assert_eq!(refusal(&template(&through), json!({"x": "b"})).problem, RenderProblem::Tree);
    assert_eq!(codes(&[ASKS, ("a", "1"), ("a", "2")]), [FindingCode::InvalidFilePath]);
}

#[test]
fn endless_work_runs_out_of_fuel() {
    let nested = "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}";
    assert_eq!(codes(&[ASKS, ("a.j2", nested)]), [FindingCode::InvalidFileContent]);
    let only_when = format!("{{% if x == 'go' %}}{nested}{{% endif %}}");
    assert_eq!(problem("a.j2", &only_when, "go"), RenderProblem::OutOfFuel);
    // What used it up leaves nothing for the others, not even where each file is tried.
    assert_eq!(codes(&[ASKS, ("a.j2", nested), ("b.j2", "{{ 1 }}")]), [FindingCode::InvalidFileContent; 2]);
    // One budget for all files.
    let share = "{% if x == 'go' %}{% for a in range(100000) %}{% endfor %}{% endif %}";
    let many: Vec<_> = (0..200).map(|n| SourceFile::regular(format!("f{n}.j2"), share)).collect();
    let template = inspect(&[files(&[ASKS]), many].concat()).unwrap();
    assert_eq!(refusal(&template, json!({"x": "go"})).problem, RenderProblem::OutOfFuel);
}

#[test]
fn endless_recursion_ends() {
    let recursion = "{% macro f() %}{{ f() }}{% endmacro %}{% if x == 'go' %}{{ f() }}{% endif %}";
    assert_eq!(problem("a.j2", recursion, "go"), RenderProblem::Evaluation);
    let include = "{% if x == 'go' %}{% include 'a.j2' %}{% endif %}";
    assert_eq!(problem("a.j2", include, "go"), RenderProblem::Evaluation);
    let nesting = format!("{{{{ {}1{} }}}}", "(".repeat(5000), ")".repeat(5000));
    assert_eq!(codes(&[ASKS, ("a.j2", &nesting)]), [FindingCode::InvalidTemplateSyntax]);
}

#[test]
fn giant_output_is_refused() {
    let loops = "{% if x == 'go' %}{% for a in range(2000) %}{{ 'x' * 10000 }}{% endfor %}{% endif %}";
    assert_eq!(problem("a.j2", loops, "go"), RenderProblem::TooLarge);
    let at_once = "{% if x == 'go' %}{{ 'x' * 1000000000000 }}{% endif %}";
    assert_eq!(problem("a.j2", at_once, "go"), RenderProblem::Evaluation);
    let each = "{% if x == 'go' %}{{ ('x' * 90000) * 100 }}{% endif %}";
    let many: Vec<_> = (0..8).map(|n| SourceFile::regular(format!("f{n}.j2"), each)).collect();
    let template = inspect(&[files(&[ASKS]), many].concat()).unwrap();
    assert_eq!(refusal(&template, json!({"x": "go"})).problem, RenderProblem::TooLarge);
}

#[test]
fn a_template_has_bounds_itself() {
    let many: Vec<_> = (0..500).map(|n| SourceFile::regular(n.to_string(), "")).collect();
    let found = inspect(&[files(&[ASKS]), many].concat()).unwrap_err();
    assert_eq!(found[0].code, FindingCode::InvalidFileContent);
    let not_text = SourceFile { path: "a.j2".into(), mode: FileMode::Regular, content: vec![0xff] };
    let found = inspect(&[files(&[ASKS]), vec![not_text]].concat()).unwrap_err();
    assert_eq!((found[0].code, found[0].path.as_str()), (FindingCode::InvalidFileContent, "a.j2"));
}

#[test]
fn what_is_included_must_be_text() {
    let binary = SourceFile { path: "a".into(), mode: FileMode::Regular, content: vec![0xff] };
    let given = [
        files(&[ASKS, ("b.j2", "{% include 'a' %}"), ("c.j2", "{% include 'd' ignore missing %}")]),
        vec![binary],
    ];
    let found = inspect(&given.concat()).unwrap_err();
    assert!(found[0].message.contains("`a` must be UTF-8"), "{found:?}");
    assert_eq!(found.iter().filter(|finding| finding.is_error()).count(), 1, "{found:?}");
}

#[test]
fn links_that_lead_round_in_circles_are_not_followed_without_end() {
    let manifest = ("cookiecutter.json", r#"{"slug": "s", "_copy_without_render": ["d"]}"#);
    let circles = (0..20).map(|n| link(&format!("{{{{cookiecutter.slug}}}}/d/{n}"), "."));
    let found = inspect(&files(&[manifest]).into_iter().chain(circles).collect::<Vec<_>>()).unwrap_err();
    let is_told = |finding: &&Finding| finding.message.contains("more than 20000 files");
    assert_eq!(found.iter().filter(is_told).count(), 1);
}
