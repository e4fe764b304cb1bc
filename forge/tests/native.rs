//! The native layout: what it renders to, and what it refuses.

mod support;

use serde_json::json;
use skafu_forge::source::{FileMode, SourceFile};
use skafu_forge::template::{FindingCode, Layout, inspect};
use support::{codes, files, findings, link, object, pairs, project, render, rendered, template};

const MINIMAL: (&str, &str) = ("template.json", r#"{"name": "T"}"#);

#[test]
fn only_files_with_the_suffix_are_rendered_and_lose_it() {
    let made =
        rendered(&[MINIMAL, ("a.txt.j2", "{{ project_slug }}\n"), ("b.txt", "{{ left alone }}")], json!({}));
    assert_eq!(made, pairs(&[("a.txt", "demo-shop\n"), ("b.txt", "{{ left alone }}")]));
}

#[test]
fn paths_may_hold_expressions_and_an_empty_name_leaves_the_file_out() {
    let made = rendered(
        &[
            (
                "template.json",
                r#"{"name": "T", "parameters": [{"name": "docs", "type": "boolean", "default": false}]}"#,
            ),
            ("src/{{ project_name|snake_case }}.py", "x"),
            ("{% if docs %}README.md{% endif %}", "y"),
            ("{% if docs %}docs{% endif %}/index.md", "z"),
        ],
        json!({}),
    );
    assert_eq!(made, pairs(&[("src/demo_shop.py", "x")]));
}

#[test]
fn statements_leave_no_lines_behind() {
    let text = "a:\n  {% for n in [1, 2] %}\n  - {{ n }}\n  {% endfor %}\nend\n";
    let made = rendered(&[MINIMAL, ("a.j2", text)], json!({}));
    assert_eq!(made, pairs(&[("a", "a:\n  - 1\n  - 2\nend\n")]));
}

#[test]
fn filters_change_the_case_of_names_and_write_json() {
    let text = "{{ project_name|camel_case }} {{ project_name|pascal_case }} {{ project_name|kebab_case }} \
                {{ project_description|tojson }} {{ true|tojson }}";
    let made = rendered(&[MINIMAL, ("a.j2", text)], json!({}));
    assert_eq!(made[0].1, "demoShop DemoShop demo-shop \"Sells \\\"things\\\"\" true");
}

#[test]
fn expressions_of_others_are_kept_by_raw() {
    let text = "{% raw %}${{ github.ref }}{% endraw %}";
    assert_eq!(
        rendered(&[MINIMAL, ("ci.yml.j2", text)], json!({})),
        pairs(&[("ci.yml", "${{ github.ref }}")])
    );
    let unwrapped = findings(&[MINIMAL, ("ci.yml.j2", "name: x\nref: ${{ github.ref }}")]);
    assert_eq!((unwrapped[0].code, unwrapped[0].line), (FindingCode::InvalidTemplateSyntax, Some(2)));
}

#[test]
fn what_has_no_value_of_its_own_needs_one_unless_the_template_says_otherwise() {
    let text = r#"{"name": "T", "parameters": [
        {"name": "a", "type": "string"},
        {"name": "b", "type": "string", "required": false},
        {"name": "c", "type": "string", "default": "x"},
        {"name": "d", "type": "choice", "choices": ["y"]}
    ]}"#;
    let template = template(&[("template.json", text), ("f", "f")]);
    let required: Vec<_> = template.parameters.iter().map(|parameter| parameter.required).collect();
    assert_eq!(required, [true, false, false, false]);
}

#[test]
fn defaults_may_follow_from_earlier_values() {
    let template = template(&[
        (
            "template.json",
            r#"{"name": "T", "parameters": [
                {"name": "table", "type": "string", "default": "{{ project_slug }}-items"},
                {"name": "index", "type": "string", "default": "{{ table|upper }}"},
                {"name": "memory", "type": "integer", "default": 256},
                {"name": "runtime", "type": "choice", "choices": ["python3.13", "python3.12"]},
                {"name": "note", "type": "string", "required": false}
            ]}"#,
        ),
        ("a.j2", "{{ index }} {{ memory * 2 }} {{ runtime }}{% if note %} {{ note }}{% endif %}"),
    ]);
    assert_eq!(template.layout, Layout::Native);
    let resolved = template.resolve(&object(json!({"table": "{{ x }}", "memory": 512})), &project()).unwrap();
    let expected =
        json!({"table": "{{ x }}", "index": "{{ X }}", "memory": 512, "runtime": "python3.13", "note": null});
    assert_eq!(json!(resolved), expected, "what was given is never an expression");
    assert_eq!(template.resolve(&resolved, &project()).unwrap(), resolved, "resolving twice changes nothing");
    assert_eq!(template.render(&resolved, &project()).unwrap()[0].content, b"{{ X }} 1024 python3.13");
    let made = template.render(&object(json!({"memory": 512})), &project()).unwrap();
    assert_eq!(made[0].content, b"DEMO-SHOP-ITEMS 1024 python3.13");
}

#[test]
fn every_wrong_value_is_told_at_once() {
    let template = template(&[
        (
            "template.json",
            r#"{"name": "T", "parameters": [
                {"name": "region", "type": "string", "pattern": "[a-z]+-[0-9]", "default": "eu-1"},
                {"name": "owner", "type": "string", "required": true},
                {"name": "size", "type": "choice", "choices": ["s", "m"]}
            ]}"#,
        ),
        ("a.j2", "{{ owner }}"),
    ]);
    let found = template.resolve(&object(json!({"region": "eu-1x", "size": "l", "colour": 1})), &project());
    let codes: Vec<_> = found.unwrap_err().into_iter().map(|finding| finding.code).collect();
    use FindingCode::*;
    assert_eq!(
        codes,
        [InvalidParameterValue, InvalidParameterValue, MissingRequiredParameter, InvalidParameterValue]
    );
}

#[test]
fn mistakes_are_found_with_their_place() {
    let found = findings(&[MINIMAL, ("a.j2", "one\ntwö {{ x + }}\n"), ("b.j2", "{% if x %}")]);
    let places: Vec<_> = found.iter().map(|f| (f.code, f.path.as_str(), f.line, f.column)).collect();
    assert_eq!(places[0], (FindingCode::InvalidTemplateSyntax, "a.j2", Some(2), Some(12)));
    assert_eq!(places[1].1, "b.j2");
    assert_eq!(found.len(), 2);

    let unknown = &findings(&[MINIMAL, ("a.j2", "one\n  {{ colour }}")])[0];
    assert_eq!((unknown.line, unknown.column), (Some(2), Some(6)));
    assert!(unknown.message.contains("colour"), "{}", unknown.message);

    let json = &findings(&[("template.json", "{\n  \"name\": }"), ("a", "")])[0];
    assert_eq!((json.code, json.line, json.column), (FindingCode::InvalidFileContent, Some(2), Some(11)));
}

#[test]
fn the_description_is_checked_as_a_whole() {
    use FindingCode::*;
    let manifest = r#"{"nam": "T", "type": "thing", "parameters": [
        {"name": "a", "type": "text"},
        {"name": "b", "type": "integer", "default": "many"},
        {"name": "c", "type": "choice"},
        {"name": "d", "type": "string"}, {"name": "d", "type": "string"},
        {"name": "project_name", "type": "string"},
        {"name": "e", "type": "string", "pattern": "("},
        {"name": "f-g", "type": "string"}
    ]}"#;
    let expected = [
        InvalidJsonSchema,       // unknown field
        InvalidJsonSchema,       // no name
        InvalidJsonSchema,       // unknown type of template
        InvalidParameterType,    // a
        InvalidParameterDefault, // b
        InvalidJsonSchema,       // c
        DuplicateParameterName,  // d
        DuplicateParameterName,  // project_name
        InvalidJsonSchema,       // e
        InvalidJsonSchema,       // f-g
    ];
    assert_eq!(codes(&[("template.json", manifest), ("a", "")]), expected);
    assert_eq!(codes(&[("README.md", "")]), [MissingRequiredFile]);
    assert_eq!(codes(&[MINIMAL]), [MissingRequiredFile]);
}

#[test]
fn what_the_engine_does_not_have_is_unsupported() {
    for text in
        ["{{ 'x'|slugged }}", "{% trans %}", "{{ uuid5() }}", "{{ 'x'.encode() }}", "{{ 1 is odder }}"]
    {
        assert_eq!(codes(&[MINIMAL, ("a.j2", text)]), [FindingCode::UnsupportedFeature], "{text}");
    }
}

#[test]
fn includes_stay_inside_the_template() {
    let made =
        rendered(&[MINIMAL, ("a.j2", "{% include 'b.txt' %}!"), ("b.txt", "{{ project_slug }}")], json!({}));
    assert_eq!(made[0].1, "demo-shop!");
    for path in ["/etc/passwd", "../Cargo.toml", "missing"] {
        let text = format!("{{% include '{path}' %}}");
        assert_eq!(codes(&[MINIMAL, ("a.j2", text.as_str())]), [FindingCode::MissingRequiredFile]);
    }
    let deep = &findings(&[MINIMAL, ("a.j2", "{% include 'b.txt' %}"), ("b.txt", "\n{{ colour }}")])[0];
    assert_eq!((deep.path.as_str(), deep.line), ("b.txt", Some(2)));
}

#[test]
fn bytes_modes_and_links_are_kept() {
    let mut given = files(&[MINIMAL]);
    given.push(SourceFile { path: "run".into(), mode: FileMode::Executable, content: vec![0, 159, 146] });
    given.push(link("latest", "{{ project_slug }}/x"));
    let made = render(&inspect(&given).unwrap(), json!({})).unwrap();
    assert_eq!(made[0], link("latest", "demo-shop/x"));
    assert_eq!(made[1], given[1]);
}
