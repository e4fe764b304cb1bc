//! The `skafu` command: what it prints and what it refuses.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Api, BUILT_IN, Finished, Home, Person};

const STEPS: [&str; 7] = [
    "BeginProvisioning",
    "SelectTemplate",
    "RenderTemplate",
    "CreateRepository",
    "ConfigureRepository",
    "ConfigureProject",
    "Complete",
];

pub fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Somebody in the tenant the command line works in.
pub const LOCAL: Person = Person { user: "local", tenant: "local", role: "viewer" };

pub fn names(api: &Api) -> Vec<String> {
    let list = api.ask("{ projects { items { name } } }", json!({}));
    let items = list["projects"]["items"].as_array().unwrap();
    items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

/// What `new --json` says of a project that is ready.
pub fn check_ready(home: &Home, done: &Finished) {
    assert!(done.succeeded(), "{done:?}");
    assert_eq!(done.stderr, "", "nothing but the answer");
    let answer = done.json();
    assert_eq!(keys(&answer), ["projectId", "status", "repository", "steps", "ms"]);
    assert_eq!(answer["status"], "ready");
    assert_eq!(keys(&answer["repository"]), ["path"]);
    let path = Path::new(answer["repository"]["path"].as_str().unwrap());
    assert!(path.is_absolute() && path.extension().is_some_and(|it| it == "git"), "{answer}");
    assert!(path.starts_with(home.data().canonicalize().unwrap()) && path.join("HEAD").exists(), "{answer}");
    let steps = answer["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| keys(step) == ["name", "ms"] && step["ms"].is_f64()), "{answer}");
    assert_eq!(steps.iter().map(|step| step["name"].as_str().unwrap()).collect::<Vec<_>>(), STEPS);
    let slowest = steps.iter().map(|step| step["ms"].as_f64().unwrap()).fold(0.0, f64::max);
    assert!(answer["ms"].as_f64().unwrap() > slowest, "{answer}");
}

#[test]
fn new_makes_a_project_without_a_running_system_and_says_so_in_json() {
    let home = Home::new();
    let arguments = ["new", "Demo Shop", "--template", BUILT_IN, "--set", "runtime=python3.12", "--json"];
    check_ready(&home, &home.run(&arguments));
    assert!(!home.data().join("endpoint.json").exists(), "its own system has ended");

    let again = home.run(&arguments).error();
    assert_eq!(keys(&again), ["code", "message", "violations"]);
    assert_eq!(again["code"], "NAME_TAKEN");
    let dev = home.dev();
    assert_eq!(names(&dev.api(&home.token(LOCAL))), ["Demo Shop"]);
}

#[test]
fn new_tells_people_each_step_and_how_to_clone() {
    let home = Home::new();
    let done = home.run(&["new", "Demo", "--template", BUILT_IN]);
    assert!(done.succeeded(), "{done:?}");
    let lines: Vec<_> = done.stdout.lines().collect();
    assert_eq!(lines[0], format!("Creating Demo from {BUILT_IN}"));
    for (line, step) in lines[1..].iter().zip(STEPS) {
        assert!(line.trim_start().starts_with(step) && line.ends_with(" ms"), "{line}");
    }
    let path = lines.last().unwrap().strip_prefix("git clone ").expect("the last line");
    assert!(Path::new(path).join("HEAD").exists(), "{path}");
}

#[test]
fn new_beside_a_running_system_uses_it() {
    let home = Home::new();
    let dev = home.dev();
    check_ready(&home, &home.run(&["new", "Demo", "--template", BUILT_IN, "--json"]));
    let api = dev.api(&home.token(LOCAL));
    assert_eq!(names(&api), ["Demo"]);
    let other = home.run(&["new", "Demo", "--template", BUILT_IN, "--tenant", "other", "--user", "bob"]);
    assert!(other.succeeded(), "{other:?}");
    assert_eq!(names(&api), ["Demo"], "each tenant has its own");
}

#[test]
fn two_at_once_on_a_fresh_directory_both_succeed() {
    let home = Home::new();
    let new = |name| home.skafu(&["new", name, "--template", BUILT_IN, "--json"]).spawn().unwrap();
    let both = [new("One"), new("Two")];
    for done in both.map(Finished::of) {
        check_ready(&home, &done);
    }
}

#[test]
fn a_row_of_clients_hands_the_system_on_from_one_to_the_next() {
    let home = Home::new();
    let clients: Vec<_> = (0..12)
        .map(|at| {
            // Apart enough that some find a system that is just ending.
            thread::sleep(Duration::from_millis(40 * (at % 6)));
            home.skafu(&["new", &format!("P{at}"), "--template", BUILT_IN, "--json"]).spawn().unwrap()
        })
        .collect();
    for done in clients.into_iter().map(Finished::of) {
        check_ready(&home, &done);
    }
    assert_eq!(names(&home.dev().api(&home.token(LOCAL))).len(), 12);
}

#[test]
fn a_creation_that_fails_is_told_with_its_reason() {
    let home = Home::new();
    home.write(
        "fragile/template.json",
        r#"{"name": "F", "parameters": [{"name": "mode", "type": "choice", "choices": ["a", "b"]}]}"#,
    );
    home.write("fragile/a.txt.j2", "{% if mode == 'b' %}{{ absent }}{% endif %}");
    let json = home.run(&["new", "Demo", "--template", "./fragile", "--set", "mode=b", "--json"]);
    let answer = json.json();
    assert_eq!(
        (json.code, &answer["status"], &answer["repository"]),
        (Some(1), &json!("failed"), &Value::Null)
    );
    assert!(answer["error"]["message"].as_str().unwrap().contains("a.txt.j2:1:"), "{answer}");
    let text = home.run(&["new", "Demo", "--template", "./fragile", "--set", "mode=b"]);
    assert_eq!(text.code, Some(1));
    assert!(text.stderr.contains("is failed") && text.stderr.contains("a.txt.j2:1:"), "{text:?}");
    let text = home.run(&["new", "Demo", "--template", "./fragile", "--set", "mode=c"]);
    assert_eq!(text.code, Some(1));
    assert!(text.stderr.contains("/data/templateParameters/mode: must be one of a, b"), "{text:?}");
}

#[test]
fn token_prints_a_token_and_nothing_else() {
    let home = Home::new();
    let without = home.run(&["token"]);
    assert!(without.succeeded() && without.stderr.is_empty(), "{without:?}");
    assert_eq!(without.stdout.trim().split('.').count(), 3);
    assert_eq!(without.stdout.lines().count(), 1);

    let dev = home.dev();
    let with = home.run(&["token", "--json", "--role", "ADMIN", "--email", "a@example.com"]);
    assert_eq!(keys(&with.json()), ["token"]);
    for token in [without.stdout.trim(), with.json()["token"].as_str().unwrap()] {
        assert_eq!(names(&dev.api(token)), [""; 0], "made before or after, it is good");
    }
}

#[test]
fn a_token_that_is_printed_is_a_token_that_is_accepted() {
    let home = Home::new();
    let dev = home.dev();
    let longest = "x".repeat(64);
    for (user, tenant) in [("a.b_c-d+e@example.com", "acme"), ("A", "a.b_c-d:e"), ("0", &longest)] {
        let done = home.run(&["token", "--user", user, "--tenant", tenant]);
        assert!(done.succeeded(), "{done:?}");
        assert_eq!(names(&dev.api(done.stdout.trim())), [""; 0], "{user} {tenant}");
    }
    for (user, tenant) in [
        ("system:saga", "acme"),
        ("a:b", "acme"),
        ("a b", "acme"),
        ("a", "_shared"),
        ("a", "a/b"),
        ("", "acme"),
    ] {
        let error = home.run(&["token", "--json", "--user", user, "--tenant", tenant]).error();
        assert_eq!(error["code"], "VALIDATION_ERROR", "{user} {tenant}: {error}");
    }
}

#[test]
fn an_unknown_role_is_refused_with_the_known_ones() {
    let home = Home::new();
    let text = home.run(&["token", "--role", "king"]);
    assert_eq!((text.code, text.stdout.as_str()), (Some(1), ""));
    assert_eq!(text.stderr, "error: \"king\" is no role: Admin, Developer or Viewer\n");
    let error = home.run(&["token", "--role", "king", "--json"]).error();
    assert_eq!(error["code"], "VALIDATION_ERROR");
}

#[test]
fn a_template_directory_that_cannot_be_used_is_refused_with_the_place_and_the_reason() {
    let home = Home::new();
    let dev = home.dev();
    let items = dev.tables().event_items();
    let new = |template: &str| {
        let text = home.run(&["new", "Demo", "--template", template]);
        assert_eq!((text.code, text.stdout.as_str()), (Some(1), ""), "{text:?}");
        let error = home.run(&["new", "Demo", "--template", template, "--json"]).error();
        assert_eq!(dev.tables().event_items(), items, "{template}: nothing was published");
        (text.stderr, error)
    };
    let manifest = r#"{"name": "T"}"#;

    let (text, error) = new("./absent");
    assert!(text.contains("./absent") && text.contains("No such file or directory"), "{text}");
    assert_eq!(error["code"], "TEMPLATE_UNREADABLE");

    home.write("file", "no directory");
    let (text, _) = new("./file");
    assert!(
        text.contains("./file") && text.contains("neither a directory, a zip archive nor a git bundle"),
        "{text}"
    );

    fs::create_dir(home.path("empty")).unwrap();
    let (text, error) = new("./empty");
    assert!(text.contains("template.json"), "{text}");
    assert_eq!(
        (&error["code"], &error["violations"][0]["code"]),
        (&json!("TEMPLATE_INVALID"), &json!("MISSING_REQUIRED_FILE"))
    );

    home.write("syntax/template.json", manifest);
    home.write("syntax/a.j2", "one\ntwo {{ x + }}\n");
    let (text, error) = new("./syntax");
    assert!(text.contains("./syntax") && text.contains("\n  a.j2:2:12: "), "{text}");
    assert_eq!(error["violations"][0]["field"], "a.j2:2:12");
    assert_eq!(error["violations"][0]["code"], "INVALID_TEMPLATE_SYNTAX");

    for (directory, target) in [("absolute", "/etc/passwd"), ("escaping", "../file")] {
        home.write(&format!("{directory}/template.json"), manifest);
        symlink(target, home.path(directory).join("link")).unwrap();
        let (text, error) = new(&format!("./{directory}"));
        assert!(text.contains(&format!("./{directory}/link cannot be used: ")), "and why: {text}");
        assert_eq!(error["code"], "TEMPLATE_UNREADABLE");
    }
}

#[test]
fn an_unknown_template_is_refused_by_its_id() {
    let home = Home::new();
    let refused = home.run(&["new", "Demo", "--template", "no-such", "--json"]).error();
    assert_eq!(refused["code"], "BUSINESS_RULE_VIOLATION");
    assert_eq!(refused["violations"][0]["field"], "/data/templateId");
    let refused = home.run(&["new", "", "--template", BUILT_IN]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("/data/name: "), "{refused:?}");
}
