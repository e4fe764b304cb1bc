//! The layout of cookiecutter. The expected texts are what cookiecutter 2.7 makes of the same templates; where
//! it stops at a directory without a name, the files in it are left out here.

mod support;

use serde_json::json;
use skafu_events::template::ParameterType;
use skafu_forge::source::SourceFile;
use skafu_forge::template::{FindingCode, Layout, inspect};
use support::{codes, files, object, pairs, project, render, rendered, template};

const TOP: &str = "{{cookiecutter.project_slug}}";

fn at_top(path: &str) -> String {
    format!("{TOP}/{path}")
}

#[test]
fn the_content_of_the_top_directory_becomes_the_repository() {
    let made = rendered(
        &[
            (
                "cookiecutter.json",
                r#"{"project_name": "Unnamed", "project_slug": "{{ cookiecutter.project_name.lower().replace(' ', '_') }}"}"#,
            ),
            ("README.md", "about the template, not part of it"),
            (&at_top("{{cookiecutter.project_slug}}/__init__.py"), ""),
            (&at_top("README.md"), "# {{ cookiecutter.project_name }}\n\n{% if true %}\nyes\n{% endif %}\n"),
        ],
        json!({}),
    );
    let readme = "# Demo Shop\n\n\nyes\n\n";
    assert_eq!(made, pairs(&[("README.md", readme), ("demo_shop/__init__.py", "")]));
}

#[test]
fn variables_become_parameters() {
    let template = template(&[
        (
            "cookiecutter.json",
            r#"{
                "project_slug": "shop",
                "licence": ["MIT", "Apache-2.0"],
                "docker": true,
                "port": 8080,
                "owner": null,
                "colours": {"main": "{{ cookiecutter.project_slug }}-red", "other": {"x": 1}},
                "module": ["{{ cookiecutter.project_slug }}", "app"],
                "_private": "{{ kept as it is }}",
                "__derived": "{{ cookiecutter.port }}!",
                "__prompts__": {"docker": "With a container?", "licence": {"__prompt__": "Which licence?"}}
            }"#,
        ),
        (
            &at_top("a"),
            "{{ cookiecutter.licence }} {{ cookiecutter.docker }} {{ cookiecutter.port }} {{ cookiecutter.owner }} \
             {{ cookiecutter.colours.main }} {{ cookiecutter.colours.other.x }} {{ cookiecutter.module }} \
             {{ cookiecutter._private }} {{ cookiecutter.__derived }}",
        ),
    ]);
    assert_eq!(template.layout, Layout::Cookiecutter);
    let parameters: Vec<_> = template
        .parameters
        .iter()
        .map(|p| (p.name.as_str(), p.parameter_type, p.description.as_deref()))
        .collect();
    assert_eq!(
        parameters,
        [
            ("project_slug", ParameterType::String, None),
            ("licence", ParameterType::Choice, Some("Which licence?")),
            ("docker", ParameterType::Boolean, Some("With a container?")),
            ("port", ParameterType::String, None),
            ("owner", ParameterType::String, None),
            ("colours", ParameterType::Object, None),
            ("module", ParameterType::String, None),
        ]
    );
    let made =
        render(&template, json!({"docker": false, "colours": {"other": {"y": 2}}, "module": "app"})).unwrap();
    let text = String::from_utf8(made[0].content.clone()).unwrap();
    assert_eq!(text, "MIT False 8080 None shop-red 1 app {{ kept as it is }} 8080!");

    let wrong = template.resolve(&object(json!({"licence": "GPL", "module": "x"})), &project()).unwrap_err();
    assert_eq!(wrong.len(), 2);
    let resolved = template.resolve(&object(json!({})), &project()).unwrap();
    assert_eq!(template.resolve(&resolved, &project()).unwrap(), resolved, "resolving twice changes nothing");
}

#[test]
fn a_project_name_is_only_the_default() {
    let with_name = [("cookiecutter.json", r#"{"project_name": "Unnamed", "project_slug": "s"}"#)];
    let text = at_top("a");
    let all = [with_name[0], (text.as_str(), "{{cookiecutter.project_name}}")];
    assert_eq!(rendered(&all, json!({}))[0].1, "Demo Shop");
    assert_eq!(rendered(&all, json!({"project_name": "Mine"}))[0].1, "Mine");
}

#[test]
fn what_is_binary_or_excluded_is_copied() {
    let text = r#"{"project_slug": "s", "_copy_without_render": ["*.html", "raw", "deep/er"]}"#;
    let mut given = files(&[
        ("cookiecutter.json", text),
        (&at_top("a.html"), "{{ not.rendered }}"),
        (&at_top("{{cookiecutter.project_slug}}/b.html"), "{{ not.rendered }}"),
        (&at_top("raw/{{x}}/c.txt"), "{{ not.rendered }}"),
        (&at_top("deep/er/d"), "{{ not.rendered }}"),
        (&at_top("deep/ers/e"), "{{ cookiecutter.project_slug }}"),
    ]);
    given.push(SourceFile::regular(at_top("z.bin"), b"{{ x }}\0".to_vec()));
    let made = render(&inspect(&given).unwrap(), json!({})).unwrap();
    let made: Vec<_> =
        made.iter().map(|f| (f.path.as_str(), std::str::from_utf8(&f.content).unwrap())).collect();
    assert_eq!(
        made,
        [
            ("a.html", "{{ not.rendered }}"),
            ("deep/er/d", "{{ not.rendered }}"),
            ("deep/ers/e", "s"),
            ("raw/{{x}}/c.txt", "{{ not.rendered }}"),
            ("s/b.html", "{{ not.rendered }}"),
            ("z.bin", "{{ x }}\0"),
        ]
    );
}

#[test]
fn what_renders_to_no_name_is_left_out() {
    let made = rendered(
        &[
            ("cookiecutter.json", r#"{"project_slug": "s", "package": "org.shop", "docs": "n"}"#),
            (&at_top("{% if cookiecutter.docs == 'y' %}docs.md{% endif %}"), "x"),
            (&at_top("a/{% if cookiecutter.docs == 'y' %}b{% endif %}/c"), "y"),
            (&at_top("{{ cookiecutter.package|replace('.', '-') }}/d"), "z"),
        ],
        json!({}),
    );
    assert_eq!(made, pairs(&[("org-shop/d", "z")]));
}

#[test]
fn includes_and_parents_come_from_the_template() {
    let made = rendered(
        &[
            ("cookiecutter.json", r#"{"project_slug": "s"}"#),
            ("templates/base.txt", "<{% block body %}{% endblock %}>"),
            (&at_top("part"), "{{ cookiecutter.project_slug }}"),
            (&at_top("whole"), "{% extends 'base.txt' %}{% block body %}{% include 'part' %}{% endblock %}"),
        ],
        json!({}),
    );
    assert_eq!(made[1].1, "<s>");
}

#[test]
fn hooks_are_noted_and_never_run() {
    let template = template(&[
        ("cookiecutter.json", r#"{"project_slug": "s"}"#),
        ("hooks/post_gen_project.py", "raise SystemExit(1)"),
        (&at_top("a"), ""),
    ]);
    let note = "`hooks/post_gen_project.py` is never run: a Python script for post_gen_project";
    assert!(template.notes.len() == 1 && template.notes[0].starts_with(note), "{:?}", template.notes);
    assert_eq!(render(&template, json!({})).unwrap().len(), 1);
}

#[test]
fn white_space_options_are_honoured() {
    let made = rendered(
        &[
            (
                "cookiecutter.json",
                r#"{"project_slug": "s", "_jinja2_env_vars": {"trim_blocks": true, "lstrip_blocks": true}}"#,
            ),
            (&at_top("a"), "x\n  {% if true %}\ny\n  {% endif %}\n"),
        ],
        json!({}),
    );
    assert_eq!(made[0].1, "x\ny\n");
}

#[test]
fn what_has_no_equivalent_is_reported() {
    use FindingCode::*;
    let top = at_top("a");
    let with = |manifest: &str, text: &str| codes(&[("cookiecutter.json", manifest), (&top, text)]);
    assert_eq!(with(r#"{"project_slug": "s", "_extensions": ["local.Mine"]}"#, ""), [UnsupportedFeature]);
    assert_eq!(with(r#"{"project_slug": "s", "_new_lines": "x"}"#, ""), [InvalidJsonSchema]);
    assert_eq!(
        with(r#"{"project_slug": "s", "_jinja2_env_vars": {"undefined": 1}}"#, ""),
        [UnsupportedFeature]
    );
    assert_eq!(with(r#"{"templates": {"a": {"path": "a"}}}"#, ""), [MissingRequiredFile]);
    assert_eq!(with(r#"{"project_slug": "s"}"#, "{% trans %}x{% endtrans %}"), [UnsupportedFeature]);
    assert_eq!(with(r#"{"project_slug": "s"}"#, "{{ 'x'|mine }}"), [UnsupportedFeature]);
    assert_eq!(with(r#"{"project_slug": "s", "choice": []}"#, ""), [InvalidParameterDefault]);
    assert_eq!(with(r#"{"project_slug": "s"}"#, "{{ cookiecutter.colour }}"), [InvalidTemplateSyntax]);
    assert_eq!(codes(&[("cookiecutter.json", "{}"), ("plain/a", "")]), [MissingRequiredFile]);
    assert_eq!(
        codes(&[("cookiecutter.json", "{}"), ("{{cookiecutter.a}}/a", ""), ("{{cookiecutter.b}}/a", "")]),
        [MissingRequiredFile]
    );
}

#[test]
fn what_variables_were_before_they_were_rendered_is_told_as_well() {
    let manifest = r#"{
        "project_slug": "s", "n": 1.5e16, "late": {"x": "{{ cookiecutter.last }}"}, "_raw": ["{{ kept }}"],
        "__twice": {"x": "{{ cookiecutter.last|default('none yet') }}"}, "seen": "{{ cookiecutter.__twice.x }}",
        "__more": "{{ cookiecutter.update({'added': 'A'}) }}", "last": "L"
    }"#;
    let text = "{{ cookiecutter.n }} {{ cookiecutter.late }} {{ cookiecutter._raw }} {{ cookiecutter.__twice }} \
                {{ cookiecutter.seen }} {{ cookiecutter.added }} {{ _cookiecutter.late }} \
                {{ cookiecutter|list|join(',') }}";
    let made = rendered(&[("cookiecutter.json", manifest), (&at_top("a"), text)], json!({}));
    let expected = "1.5e+16 {'x': 'L'} ['{{ kept }}'] {'x': 'L'} none yet A {'x': '{{ cookiecutter.last }}'} \
                    project_slug,n,late,_raw,__twice,seen,__more,last,added,_template,_output_dir,_repo_dir,_checkout";
    assert_eq!(made[0].1, expected);
}

#[test]
fn lines_end_as_they_did_or_as_the_template_wants() {
    let text = "{% if true %}\r\na\r\n{% endif %}\r\nb\n";
    for (manifest, content, expected) in [
        (r#"{"project_slug": "s"}"#, "a\r\n{{ cookiecutter.project_slug }}\r\n", "a\r\ns\r\n"),
        (r#"{"project_slug": "s"}"#, "a\r{{ 'x' }}\r", "a\rx\r"),
        (r#"{"project_slug": "s"}"#, text, "\na\n\nb\n"),
        (r#"{"project_slug": "s", "_new_lines": "\r\n"}"#, text, "\r\na\r\n\r\nb\r\n"),
        (r#"{"project_slug": "s", "_new_lines": ""}"#, "a\r\n", "a\r\n"),
    ] {
        let made = rendered(&[("cookiecutter.json", manifest), (&at_top("a"), content)], json!({}));
        assert_eq!(made[0].1, expected, "{manifest} {content:?}");
    }
}

#[test]
fn delimiters_may_be_others() {
    let manifest = r#"{"slug": "s", "v": "[[ cookiecutter.slug ]]", "_jinja2_env_vars": {
        "variable_start_string": "[[", "variable_end_string": "]]", "line_statement_prefix": "%%"}}"#;
    let made = rendered(
        &[
            ("cookiecutter.json", manifest),
            (
                "[[cookiecutter.slug]]/[[cookiecutter.v]].txt",
                "%% if true\n[[ cookiecutter.v ]]{{ x }}\n%% endif\n",
            ),
        ],
        json!({}),
    );
    assert_eq!(made, pairs(&[("s.txt", "s{{ x }}\n")]));
}

#[test]
fn of_several_templates_the_first_is_taken() {
    let inner = ("one/cookiecutter.json", r#"{"project_slug": "s", "x": "1"}"#);
    let file = ("one/{{cookiecutter.project_slug}}/a", "{{ cookiecutter.x }}");
    for outer in [
        r#"{"templates": {"b": {"path": "./one"}, "a": {"path": "two"}}}"#,
        r#"{"template": ["First (one)", "Second (two)"]}"#,
    ] {
        assert_eq!(rendered(&[("cookiecutter.json", outer), inner, file], json!({})), pairs(&[("a", "1")]));
    }
}

#[test]
fn what_cookiecutter_takes_for_a_picture_is_copied() {
    let made = rendered(
        &[
            ("cookiecutter.json", r#"{"project_slug": "s"}"#),
            (&at_top("a.png"), "{{ left }}"),
            (&at_top("b.txt"), "{{ cookiecutter.project_slug }}\u{0}"),
        ],
        json!({}),
    );
    assert_eq!(made, pairs(&[("a.png", "{{ left }}"), ("b.txt", "s\u{0}")]));
}
