use std::fs;

use serde_json::{Value, json};

use crate::workshop::{Workshop, pairs};

#[test]
fn the_top_directory_stands_in_the_given_one() {
    let workshop = Workshop::new();
    let template = workshop.template(&[
        (
            "cookiecutter.json",
            r#"{"name": "Demo Shop", "slug": "{{ cookiecutter.name|lower|replace(' ', '-') }}"}"#,
        ),
        ("{{cookiecutter.slug}}/README.md", "# {{ cookiecutter.name }}\n"),
        ("{{cookiecutter.slug}}/{{cookiecutter.slug}}.txt", "{{ [1, none, 'x'] }}"),
        ("hooks/post_gen_project.sh", "touch hooked"),
    ]);
    let output = workshop.render(&template, &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("2 files") && text.contains("is never run"), "{text}");
    let made = [
        ("demo-shop/", ""),
        ("demo-shop/README.md", "# Demo Shop\n"),
        ("demo-shop/demo-shop.txt", "[1, None, 'x']"),
    ];
    assert_eq!(workshop.made(), pairs(&made));

    let again = workshop.render(&template, &["--set", "name=Other", "--json"]);
    let answer: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!((&answer["files"], &answer["bytes"]), (&json!(2), &json!(22)));
    assert!(workshop.made().contains_key("other/README.md"));

    let taken = workshop.render(&template, &[]);
    let error = String::from_utf8(taken.stderr).unwrap();
    assert!(!taken.status.success() && error.contains("is there already"), "{error}");
}

#[test]
fn values_are_read_by_the_type_of_their_parameter() {
    let workshop = Workshop::new();
    let template = workshop.template(&[
        (
            "template.json",
            r#"{"name": "T", "parameters": [
                {"name": "size", "type": "integer", "minimum": 2},
                {"name": "on", "type": "boolean", "default": false},
                {"name": "list", "type": "array", "default": []}
            ]}"#,
        ),
        ("a.txt.j2", "{{ project_name }} {{ size + 1 }} {{ on }} {{ list|length }}"),
    ]);
    let set =
        ["--set", "size=2", "--set", "on=true", "--set", "list=[1,2]", "--set", "project_name=Demo Shop"];
    assert!(workshop.render(&template, &set).status.success());
    assert_eq!(workshop.made(), pairs(&[("demo-shop/", ""), ("demo-shop/a.txt", "Demo Shop 3 True 2")]));

    let wrong = ["--set", "size=x", "--set", "on=maybe", "--set", "other=1"];
    let output = workshop.render(&template, &wrong);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("`size` must be") && error.contains("`on` must be"), "{error}");
}

#[test]
fn modes_and_new_lines_are_kept() {
    let workshop = Workshop::new();
    let template = workshop.of_text("{{ cookiecutter.name }}\r\nb\r\n");
    let script = template.join("{{cookiecutter.name}}/run.sh");
    fs::write(&script, "#!/bin/sh\n").unwrap();
    fs::create_dir(template.join("{{cookiecutter.name}}/empty")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o754)).unwrap();
    }
    assert!(workshop.render(&template, &[]).status.success());
    let made =
        [("made/", ""), ("made/a.txt", "made\r\nb\r\n"), ("made/empty/", ""), ("made/run.sh", "#!/bin/sh\n")];
    assert_eq!(workshop.made(), pairs(&made));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(workshop.path("out/made/run.sh")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o754);
    }
}

#[test]
fn a_check_tells_what_a_template_asks_and_all_that_is_wrong() {
    let workshop = Workshop::new();
    let template = workshop.of_text("{{ cookiecutter.name }}");
    let output = workshop.skafu(&["template", "check", template.to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("name: string = \"made\""), "{text}");
    assert!(text.contains("warning: ") && text.contains("(MISSING_DOCUMENTATION)"), "{text}");
    fs::write(template.join("{{cookiecutter.name}}/b.txt"), "{{ oops").unwrap();
    fs::write(template.join("{{cookiecutter.name}}/c.txt"), "\n {{ cookiecutter.other }}").unwrap();
    let output = workshop.skafu(&["template", "check", template.to_str().unwrap(), "--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let violations = answer["error"]["violations"].as_array().unwrap();
    let places: Vec<&str> = violations.iter().map(|it| it["field"].as_str().unwrap()).collect();
    assert_eq!(output.status.code(), Some(1));
    assert!(places.len() == 2 && places[0].contains("b.txt:1") && places[1].contains("c.txt:2"), "{answer}");
}

#[test]
fn a_runtime_that_aws_has_given_up_is_taken_with_a_warning() {
    let workshop = Workshop::new();
    let template = workshop.template(&[
        (
            "template.json",
            r#"{"name": "T", "parameters": [{"name": "runtime", "type": "choice", "choices": ["python3.13", "python3.9"]}]}"#,
        ),
        ("a.j2", "{{ runtime }}"),
    ]);
    let output = workshop.render(&template, &["--set", "runtime=python3.9", "--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success(), "{answer}");
    assert_eq!(answer["warnings"][0]["code"], "RUNTIME_DEPRECATED");
    assert_eq!(workshop.made()["my-project/a"], "python3.9");
}
