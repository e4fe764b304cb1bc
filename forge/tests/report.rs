//! What is said of a template that could be better, and of GitHub's expressions in it.

mod support;

use serde_json::json;
use skafu_forge::source::SourceFile;
use skafu_forge::template::{Finding, FindingCode, Severity, inspect};
use support::{files, rendered, template};

/// Paths and texts.
type Pairs<'t> = &'t [(&'t str, &'t str)];

/// A native template nothing is to be said of.
const SOUND: [(&str, &str); 3] = [
    (
        "template.json",
        r#"{"name": "T", "parameters": [
    {"name": "region", "type": "string", "description": "Where", "default": "eu-west-1"}
]}"#,
    ),
    ("README.md", "# T"),
    ("template.yaml.j2", "Region: {{ region }}"),
];

/// The sound template with one file in place of its own, or beside them.
fn with(path: &str, text: &str) -> Vec<SourceFile> {
    let mut all = files(&SOUND);
    all.retain(|file| file.path != path);
    all.push(SourceFile::regular(path, text));
    all
}

fn without(path: &str) -> Vec<SourceFile> {
    files(&SOUND).into_iter().filter(|file| file.path != path).collect()
}

/// All findings, whatever became of the template.
fn all(files: &[SourceFile]) -> Vec<Finding> {
    inspect(files).map_or_else(|findings| findings, |template| template.warnings)
}

fn warned(files: &[SourceFile]) -> Vec<(FindingCode, String)> {
    let warnings = all(files);
    assert!(warnings.iter().all(|it| it.severity == Severity::Warning), "{warnings:?}");
    let place = |it: &Finding| match (it.line, it.column) {
        (Some(line), Some(column)) => format!("{}:{line}:{column}", it.path),
        _ => it.path.clone(),
    };
    warnings.iter().map(|it| (it.code, place(it))).collect()
}

#[test]
fn each_warning_has_its_reason_and_its_place() {
    use FindingCode::*;
    let parameters = |list: &str| format!("{{\"name\": \"T\", \"parameters\": [\n{list}\n]}}");
    let region = r#"{"name": "region", "type": "string", "description": "D", "default": "x"}"#;
    let cases = [
        (files(&SOUND), vec![]),
        (without("README.md"), vec![(MissingDocumentation, "")]),
        (
            without("template.yaml.j2"),
            vec![(MissingRequiredFile, "template.yaml"), (UnusedParameter, "template.json:2:14")],
        ),
        (
            with(
                "template.json",
                &parameters(r#" {"name": "region", "type": "string", "description": " ", "default": "x"}"#),
            ),
            vec![(MissingDocumentation, "template.json:2:2")],
        ),
        (
            with(
                "template.json",
                &parameters(&format!(
                    "{region},\n{{\"type\": \"integer\", \"name\": \"n\", \"description\": \"D\", \"default\": 1}}"
                )),
            ),
            vec![(UnusedParameter, "template.json:3:29")],
        ),
        (with("large.txt", &"x".repeat(1024 * 1024)), vec![]),
        (with("large.txt", &"x".repeat(1024 * 1024 + 1)), vec![(LargeFileSize, "large.txt")]),
        (with("large.bin", &"\0".repeat(1024 * 1024 + 1)), vec![]),
        (with("docs/README.md", ""), vec![]),
    ];
    for (given, expected) in cases {
        let expected: Vec<_> = expected.into_iter().map(|(code, place)| (code, place.to_owned())).collect();
        assert_eq!(warned(&given), expected);
    }
}

#[test]
fn only_a_whole_project_needs_its_readme_and_something_to_deploy_at_the_top() {
    let kinds = [("project", 1), ("service", 0), ("component", 0), ("config", 0), ("infrastructure", 0)];
    for (kind, expected) in kinds {
        let manifest = format!(r#"{{"name": "T", "type": "{kind}"}}"#);
        let template = template(&[("template.json", &manifest), ("README.md", "")]);
        assert_eq!(template.warnings.len(), expected, "{kind}");
        // A part of a project has its README where the part is.
        let nested = [("template.json", manifest.as_str()), ("{{ project_slug }}/README.md", "")];
        assert_eq!(support::template(&nested).warnings.len(), 2 * expected, "{kind}");
    }
    for root in ["template.yaml", "template.yml", "template.yaml.j2", "{% if true %}template.yaml{% endif %}"]
    {
        let template = template(&[("template.json", r#"{"name": "T"}"#), ("README.md", ""), (root, "")]);
        assert_eq!(template.warnings, [], "{root}");
    }
}

#[test]
fn whatever_names_a_parameter_uses_it() {
    let manifest = |rest: &str| {
        format!(
            r#"{{"name": "T", "type": "config", "parameters": [
            {{"name": "p", "type": "string", "description": "D", "default": "x"}}{rest}
        ]}}"#
        )
    };
    let plain = manifest("");
    let by_default =
        manifest(r#", {"name": "q", "type": "string", "description": "D", "default": "{{ p }}"}"#);
    let by_condition = manifest(
        r#", {"name": "q", "type": "string", "description": "D", "default": "", "conditional": {"dependsOn": "p", "values": ["x"]}}"#,
    );
    let cases: [(&str, Pairs<'_>, usize); 10] = [
        (&plain, &[("a.j2", "{{ p|upper }}")], 0),
        (&plain, &[("a.j2", "{% if p == 'x' %}{% endif %}")], 0),
        (&plain, &[("{{ p }}/a", "")], 0),
        (&plain, &[("a.j2", "{% include 'b' %}"), ("b", "{{ p }}")], 0),
        (&plain, &[("a", "{{ p }}")], 1),
        (&plain, &[("a.j2", "p {{ 'p' }} {% raw %}{{ p }}{% endraw %}")], 1),
        (&plain, &[("a.j2", "{% set p = 1 %}{{ p }}")], 1),
        (&plain, &[("a.j2", "{{ project_slug.p }}")], 1),
        (&by_default, &[("a.j2", "{{ q }}")], 0),
        (&by_condition, &[("a.j2", "{{ q }}")], 0),
    ];
    for (manifest, more, expected) in cases {
        let given = [&[("template.json", manifest), ("README.md", "")], more].concat();
        let found = all(&files(&given));
        let unused = found.iter().filter(|it| it.code == FindingCode::UnusedParameter).count();
        assert_eq!(unused, expected, "{more:?} {found:?}");
    }
}

#[test]
fn every_expression_of_github_outside_of_raw_is_an_error() {
    let workflow = "on: push\nref: ${{ github.ref }}\nif: ${{ matrix.os == 'x' && !cancelled() }}\n\
                    {% raw %}ok: ${{ github.sha }}{% endraw %}\n  é: ${{ region }}\n";
    let found = inspect(&with("ci.yml.j2", workflow)).unwrap_err();
    let places: Vec<_> = found.iter().map(|it| (it.code, it.line, it.column)).collect();
    let syntax = FindingCode::InvalidTemplateSyntax;
    assert_eq!(places, [(syntax, Some(2), Some(6)), (syntax, Some(3), Some(5)), (syntax, Some(5), Some(6))]);
    for (finding, shown) in found.iter().zip(["${{ github.ref }}", "${{ matrix.os", "${{ region }}"]) {
        assert!(finding.is_error() && finding.path == "ci.yml.j2", "{finding:?}");
        assert!(finding.message.contains("GitHub") && finding.message.contains(shown), "{finding:?}");
        assert!(finding.message.contains("{% raw %}"), "{finding:?}");
    }
    let mended = "a: {% raw %}${{ github.ref }}{% endraw %} {{ '${{ b }}' }} {{ '$' }}{{ region }}";
    assert_eq!(
        rendered(&[SOUND[0], ("ci.yml.j2", mended)], json!({}))[0].1,
        "a: ${{ github.ref }} ${{ b }} $eu-west-1"
    );
    assert_eq!(all(&with("ci.yml", "${{ github.ref }}")), [], "what is copied stays as it is");
}

#[test]
fn mistakes_beside_expressions_of_github_are_still_told() {
    let found = inspect(&with("ci.yml.j2", "{{ x + }}\n${{ a && b }}\n")).unwrap_err();
    let lines: Vec<_> = found.iter().map(|it| it.line).collect();
    assert_eq!(lines, [Some(2), Some(1)]);
}

#[test]
fn errors_come_before_warnings() {
    let found = inspect(&files(&[("template.json", r#"{"name": "T"}"#), ("a.j2", "{{ oops")])).unwrap_err();
    use FindingCode::*;
    let told: Vec<_> = found.iter().map(|it| (it.severity, it.code)).collect();
    let expected = [
        (Severity::Error, InvalidTemplateSyntax),
        (Severity::Warning, MissingRequiredFile),
        (Severity::Warning, MissingDocumentation),
    ];
    assert_eq!(told, expected);
    let shown = json!(found[0]);
    assert_eq!((&shown["severity"], &shown["code"]), (&json!("error"), &json!("INVALID_TEMPLATE_SYNTAX")));
}

const TOP: &str = "{{cookiecutter.slug}}";

/// A finding's code and line.
type Told = (FindingCode, Option<u32>);

/// The findings about a cookiecutter template.
fn of_cookiecutter(manifest: &str, more: Pairs<'_>) -> Vec<Told> {
    let readme = format!("{TOP}/README.md");
    let own: Vec<_> = more.iter().map(|(path, text)| (path.replace("TOP", TOP), *text)).collect();
    let mut given = vec![("cookiecutter.json", manifest), (readme.as_str(), "")];
    given.extend(own.iter().map(|(path, text)| (path.as_str(), *text)));
    let found = all(&files(&given));
    found.iter().map(|it| (it.code, it.line)).collect()
}

#[test]
fn what_cookiecutter_s_templates_do_is_only_warned_of() {
    use FindingCode::*;
    let plain = r#"{"slug": "s", "__prompts__": {"slug": "S"}}"#;
    let env = r#"{"slug": "s", "_env": "e", "__prompts__": {"slug": "S"}}"#;
    let cases: [(&str, Pairs<'_>, Vec<Told>); 6] = [
        (plain, &[], vec![]),
        (plain, &[("TOP/a", "${{ cookiecutter.slug }} ${{cookiecutter.slug}}")], vec![]),
        (
            plain,
            &[("TOP/ci.yml", "\n{% set env = {'x': 1} %}${{ env.x }} {% raw %}${{ secrets.y }}{% endraw %}")],
            vec![(InvalidTemplateSyntax, Some(2))],
        ),
        (env, &[("TOP/a", "${{ cookiecutter._env.x | default('') }}")], vec![]),
        (r#"{"slug": "s"}"#, &[], vec![(MissingDocumentation, None)]),
        (
            "{\"slug\": \"s\", \"__prompts__\": {\"slug\": \"S\"},\n\"_extensions\": [\n\"jinja2_time.TimeExtension\",\n\"jinja2.ext.do\"]}",
            &[],
            vec![(DeprecatedFeature, Some(3))],
        ),
    ];
    for (manifest, more, expected) in cases {
        let mut found = of_cookiecutter(manifest, more);
        // What the engine itself says of other delimiters, it says elsewhere.
        found.retain(|(code, _)| *code != UnsupportedFeature);
        assert_eq!(found, expected, "{manifest} {more:?}");
    }
    let other =
        r#"{"slug": "s", "_jinja2_env_vars": {"variable_start_string": "[["}, "__prompts__": {"slug": "S"}}"#;
    let (top, readme) = ("[[cookiecutter.slug}}/a", "[[cookiecutter.slug}}/README");
    let sound =
        inspect(&files(&[("cookiecutter.json", other), (top, "${{ github.ref }}"), (readme, "")])).unwrap();
    assert_eq!(sound.warnings, [], "where expressions have other delimiters, GitHub's are no expressions");
}

#[test]
fn a_variable_of_cookiecutter_is_used_by_whatever_mentions_it() {
    let manifest = "{\"slug\": \"s\",\n\"x\": \"1\",\n\"__prompts__\": {\"slug\": \"S\", \"x\": \"X\"}}";
    let cases: [(&str, Pairs<'_>, bool); 8] = [
        (manifest, &[], false),
        (manifest, &[("TOP/a", "xx _x x1")], false),
        (manifest, &[("TOP/a", "{{ cookiecutter.x }}")], true),
        (manifest, &[("TOP/a", "{{ cookiecutter['x'] }}")], true),
        (manifest, &[("TOP/a", "{% for k, v in cookiecutter.items() %}{% endfor %}")], true),
        (manifest, &[("TOP/a", "{{ cookiecutter | tojson }}")], true),
        (manifest, &[("hooks/post_gen_project.py", "print('{{ cookiecutter.x }}')")], true),
        ("{\"x\": \"1\", \"slug\": \"{{ cookiecutter.x }}\"}", &[], true),
    ];
    for (manifest, more, used) in cases {
        let found = of_cookiecutter(manifest, more);
        let unused = found.iter().any(|(code, _)| *code == FindingCode::UnusedParameter);
        assert_eq!(!unused, used, "{manifest} {more:?} {found:?}");
    }
}

#[test]
fn a_note_tells_what_a_hook_would_do() {
    let cases = [
        (
            "pre_prompt.py",
            "#!/usr/bin/env python\n\"\"\"Asks the weather.\"\"\"\n",
            "a Python script for pre_prompt (before the questions): \"Asks the weather.\"",
        ),
        (
            "pre_gen_project.sh",
            "#!/bin/sh\n\n# Checks the name\nexit 1\n",
            "a shell script for pre_gen_project (before the files are made): \"Checks the name\"",
        ),
        (
            "post_gen_project.py",
            "# -*- coding: utf-8 -*-\nr'''\nMoves things.\n'''\n",
            "a Python script for post_gen_project (after the files are made): \"Moves things.\"",
        ),
        (
            "post_gen_project.py",
            "import os  # not said of the whole\n",
            "a Python script for post_gen_project (after the files are made)",
        ),
        (
            "post_gen_project",
            "#!/usr/bin/env bash\nset -e\n",
            "a shell script for post_gen_project (after the files are made)",
        ),
        (
            "post_gen_project.bat",
            "@echo off\n",
            "a Windows script for post_gen_project (after the files are made)",
        ),
        ("post_gen_project.py", "", "a Python script for post_gen_project (after the files are made)"),
    ];
    let top = format!("{TOP}/a");
    for (name, text, expected) in cases {
        let path = format!("hooks/{name}");
        let template = template(&[("cookiecutter.json", r#"{"slug": "s"}"#), (&path, text), (&top, "")]);
        assert_eq!(template.notes, [format!("`{path}` is never run: {expected}")]);
    }
    let helper = template(&[("cookiecutter.json", r#"{"slug": "s"}"#), ("hooks/words.txt", "x"), (&top, "")]);
    assert_eq!(helper.notes, ["`hooks/words.txt` is never run"]);
}
