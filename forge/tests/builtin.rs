//! The templates that ship with Skafu.

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use saphyr::{LoadableYamlNode, Yaml};
use serde_json::{Value, json};
use skafu_events::template::Parameter;
use skafu_forge::runtimes::{self, Status};
use skafu_forge::template::{Layout, ProjectFacts, Template, inspect};
use skafu_forge::{builtin, source};
use support::{object, project, render, text_at};

#[expect(clippy::unwrap_used, reason = "a test fails where this does")]
fn sound(id: &str) -> Template {
    let builtin = builtin::all().iter().find(|builtin| builtin.id == id).unwrap();
    inspect(&builtin.source_files()).unwrap()
}

/// Values for all parameters that are a choice: each combination once.
fn every_choice(parameters: &[Parameter]) -> Vec<Value> {
    parameters.iter().filter(|parameter| !parameter.choices.is_empty()).fold(
        vec![json!({})],
        |given, parameter| {
            let with = |given: &Value, choice: &Value| {
                let mut given = given.clone();
                given[&parameter.name] = choice.clone();
                given
            };
            given.iter().flat_map(|it| parameter.choices.iter().map(move |choice| with(it, choice))).collect()
        },
    )
}

#[test]
fn every_file_on_disk_is_embedded() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut on_disk: Vec<_> =
        root.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    on_disk.sort();
    let embedded: Vec<_> = builtin::all().iter().map(|builtin| builtin.id).collect();
    assert_eq!(embedded, on_disk);
    for builtin in builtin::all() {
        assert_eq!(builtin.source_files(), source::read_directory(&root.join(builtin.id)).unwrap());
    }
}

#[test]
fn each_is_sound_and_says_what_it_and_its_parameters_are() {
    for builtin in builtin::all() {
        let template = sound(builtin.id);
        assert_eq!((template.layout, template.descriptor.id.as_deref()), (Layout::Native, Some(builtin.id)));
        assert!(template.notes.is_empty());
        assert!(template.descriptor.description.is_some(), "{}", builtin.id);
        for parameter in &template.parameters {
            assert!(parameter.description.is_some(), "{}: {}", builtin.id, parameter.name);
        }
    }
}

#[test]
fn each_makes_a_repository_that_is_complete() {
    for builtin in builtin::all() {
        let files = render(&sound(builtin.id), json!({})).unwrap();
        let has = |name: &str| files.iter().any(|file| file.path.rsplit('/').next() == Some(name));
        for name in ["README.md", ".gitignore", "samconfig.toml", "template.yaml"] {
            assert!(has(name), "{} has no {name}", builtin.id);
        }
        let is_workflow = |path: &str| path.starts_with(".github/workflows/") && path.ends_with(".yml");
        assert!(files.iter().any(|file| is_workflow(&file.path)), "{}", builtin.id);
    }
}

#[test]
fn each_renders_with_every_choice_to_files_that_can_be_read() {
    for builtin in builtin::all() {
        let template = sound(builtin.id);
        for given in every_choice(&template.parameters) {
            let files = render(&template, given.clone()).unwrap();
            for file in &files {
                let text = text_at(&files, &file.path);
                assert!(!file.path.ends_with(".j2") && !file.path.contains(['{', '%']), "{}", file.path);
                // What GitHub fills in, a runner sees.
                let own = text.replace("${{ ", "");
                assert!(!own.contains("{{") && !own.contains("{%"), "{given}: {text}");
                match file.path.rsplit('.').next() {
                    Some("yaml" | "yml") => {
                        let documents = Yaml::load_from_str(&text);
                        assert!(documents.is_ok_and(|it| it.len() == 1), "{given}: {text}");
                    }
                    Some("json") => assert!(serde_json::from_str::<Value>(&text).is_ok(), "{given}: {text}"),
                    _ => {}
                }
            }
            let wanted = given["runtime"].as_str().and_then(runtimes::find).unwrap();
            let stack = files.iter().find(|file| file.path.ends_with("template.yaml")).unwrap();
            let line = format!(" Runtime: {}\n", wanted.id);
            assert!(text_at(&files, &stack.path).contains(&line), "{given}");
        }
    }
}

#[test]
fn each_offers_known_runtimes_and_prefers_a_supported_one() {
    for builtin in builtin::all() {
        let template = sound(builtin.id);
        let parameter = template.parameters.iter().find(|parameter| parameter.name == "runtime").unwrap();
        let choices: Vec<&str> = parameter.choices.iter().filter_map(Value::as_str).collect();
        let unknown: Vec<_> = choices.iter().filter(|name| runtimes::status(name).is_none()).collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", builtin.id);
        let default = parameter.default.as_ref().and_then(Value::as_str).unwrap();
        assert_eq!(runtimes::status(default), Some(Status::Supported), "{}", builtin.id);
        // What is supported stands first, and nothing of the same language is left out.
        let offered: Vec<_> = choices.iter().filter_map(|name| runtimes::find(name)).collect();
        assert!(offered.is_sorted_by_key(|runtime| runtime.status == Status::Deprecated), "{}", builtin.id);
        for runtime in runtimes::all().iter().filter(|runtime| runtime.status == Status::Supported) {
            let is_spoken = offered.iter().any(|other| other.language == runtime.language);
            assert!(!is_spoken || offered.contains(&runtime), "{} lacks {}", builtin.id, runtime.id);
        }
    }
}

#[test]
fn a_stack_s_name_starts_with_a_letter() {
    let project = ProjectFacts::new("9 Lives", None);
    for builtin in builtin::all() {
        let template = sound(builtin.id);
        let parameters = template.resolve(&object(json!({})), &project).unwrap();
        let files = template.render(&parameters, &project).unwrap();
        let settings = files.iter().find(|file| file.path.ends_with("samconfig.toml")).unwrap();
        let settings = text_at(&files, &settings.path);
        assert!(settings.contains("stack_name = \"app-9-lives"), "{}: {settings}", builtin.id);
    }
}

#[test]
fn a_service_stands_in_its_own_folder_with_the_files_of_its_language() {
    let common = [
        ".github/workflows/stock.yml",
        "parts/stock/.gitignore",
        "parts/stock/README.md",
        "parts/stock/samconfig.toml",
        "parts/stock/template.yaml",
    ];
    let python = ["src/app.py", "src/items.py", "src/routes.py"];
    let python_tests = ["tests/__init__.py", "tests/test_items.py", "tests/test_routes.py"];
    let node = ["package.json", "src/app.js", "src/items.js", "src/routes.js"];
    let node_tests = ["test/items.test.js", "test/routes.test.js"];
    let worker = ["src/tally.py", "src/worker.py"];
    let worker_tests = ["tests/__init__.py", "tests/table.py", "tests/test_tally.py", "tests/test_worker.py"];
    let cases: [(&str, &str, &[&str], &[&str]); 4] = [
        ("api-service", "python3.14", &python, &python_tests),
        ("api-service", "nodejs22.x", &node, &node_tests),
        ("api-service", "nodejs18", &node, &node_tests),
        ("worker-service", "python3.12", &worker, &worker_tests),
    ];
    for (id, runtime, code, tests) in cases {
        let given = json!({"service": "stock", "directory": "parts/stock", "runtime": runtime});
        let files = render(&sound(id), given).unwrap();
        let found: BTreeSet<_> = files.iter().map(|file| file.path.clone()).collect();
        let own = code.iter().chain(tests).map(|path| format!("parts/stock/{path}"));
        let expected: BTreeSet<_> = common.iter().map(|path| (*path).to_owned()).chain(own).collect();
        assert_eq!(found, expected, "{id} {runtime}");
        let stack = text_at(&files, "parts/stock/template.yaml");
        assert!(stack.contains("dynamodb:LeadingKeys: [\"stock#*\"]\n"), "{id} {runtime}");
    }
}

#[test]
fn the_python_api_follows_its_parameters() {
    let template = sound("sam-python-api");
    let given =
        json!({"runtime": "python3.12", "region": "eu-west-1", "memory": 512, "architecture": "x86_64"});
    let files = render(&template, given).unwrap();
    let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            ".github/workflows/ci.yml",
            ".gitignore",
            "README.md",
            "samconfig.toml",
            "src/app.py",
            "template.yaml",
            "tests/__init__.py",
            "tests/test_app.py"
        ]
    );
    let stack = text_at(&files, "template.yaml");
    for line in [
        "Description: \"Sells \\\"things\\\"\"\n",
        "    Runtime: python3.12\n",
        "    Architectures: [x86_64]\n",
        "    MemorySize: 512\n",
    ] {
        assert!(stack.contains(line), "{line}");
    }
    let workflow = text_at(&files, ".github/workflows/ci.yml");
    assert!(workflow.contains("  group: ${{ github.workflow }}-${{ github.ref }}\n  cancel-in-progress"));
    assert!(workflow.contains("python-version: \"3.12\"\n"));
    let settings = text_at(&files, "samconfig.toml");
    assert!(
        settings.contains("stack_name = \"demo-shop\"\n") && settings.contains("region = \"eu-west-1\"\n")
    );
    assert!(text_at(&files, "README.md").starts_with("# Demo Shop\n\nSells \"things\"\n\nAn HTTP API"));
}

#[test]
fn the_python_api_refuses_what_it_cannot_use() {
    let template = sound("sam-python-api");
    for wrong in [json!({"runtime": "python2.7"}), json!({"region": "\"x\""}), json!({"memory": "lots"})] {
        assert_eq!(template.resolve(&object(wrong.clone()), &project()).unwrap_err().len(), 1, "{wrong}");
    }
}
