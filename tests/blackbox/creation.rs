//! From a command to a repository, over HTTP.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "what fails here fails the test")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use serde_json::{Map, Value, json};
use skafu_forge::git::initial_commit;
use skafu_forge::source::{FileMode, SourceFile};
use skafu_forge::template::{ProjectFacts, inspect};
use support::{ALICE, Api, BUILT_IN, Home, Made, Person, create_project, publish_template};

/// Renders by default; a choice nobody rehearses leads to a name that does not exist.
const FRAGILE: &[(&str, &str)] = &[
    (
        "template.json",
        r#"{"name": "Fragile", "parameters": [
            {"name": "mode", "type": "choice", "choices": ["plain", "broken"]},
            {"name": "port", "type": "integer", "default": 8080}
        ]}"#,
    ),
    (
        "README.md.j2",
        "# {{ project_name }} on {{ port }}\n{% if mode == 'broken' %}{{ absent }}{% endif %}\n",
    ),
    ("bin/{{ project_slug }}.sh", "#!/bin/sh\n"),
];

/// The directory a clone URL leads to.
fn place(project: &Value) -> PathBuf {
    let url = project["repository"]["cloneUrl"].as_str().unwrap();
    PathBuf::from(url.strip_prefix("file://").expect("a file URL"))
}

/// The projects of a list, by name, newest first.
fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|project| project["name"].as_str().unwrap()).collect()
}

fn tenant_projects(api: &Api) -> Value {
    api.ask("{ projects { items { id name status } nextToken } }", json!({}))["projects"].take()
}

fn user_projects(api: &Api, user: &str) -> Value {
    let query = "query ($id: ID!) { projectsByUser(userId: $id) { items { name } } }";
    api.ask(query, json!({ "id": user }))["projectsByUser"].take()
}

/// Everything below a tenant's repositories that belongs to a project.
fn kept(home: &Home, tenant: &str, project_id: &str) -> Vec<PathBuf> {
    let directory = home.data().join("repositories").join(tenant).join(project_id);
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn main_of(repository: &Path) -> String {
    fs::read_to_string(repository.join("refs/heads/main")).unwrap().trim().to_owned()
}

#[test]
fn a_command_becomes_a_repository() {
    let home = Home::new();
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    let mut body = create_project("Demo Shop", BUILT_IN, json!({ "runtime": "python3.12" }));
    body["data"]["description"] = json!("Sells things");

    let made = Made::accepted(&api, &body);
    assert_eq!(made.answer["commandId"], body["commandId"]);
    assert_eq!(made.answer["correlationId"], body["commandId"], "the request is followed by its own id");
    assert_eq!(made.answer["version"], 1);

    let project = made.ready(&api);
    assert_eq!(project["id"], made.id);
    assert_eq!((&project["name"], &project["ownerId"]), (&json!("Demo Shop"), &json!("alice")));
    assert_eq!(project["description"], "Sells things");
    assert_eq!(project["templateId"], BUILT_IN);
    assert!(project["templateName"].is_string(), "{project}");
    assert_eq!((&project["failure"], &project["totalEvents"]), (&Value::Null, &json!(5)));
    assert_eq!(project["repository"]["name"], "demo-shop");
    assert_eq!(project["repository"]["defaultBranch"], "main");

    let repository = place(&project);
    assert!(repository.starts_with(home.data().canonicalize().unwrap()), "{}", repository.display());
    assert_eq!(fs::read_to_string(repository.join("HEAD")).unwrap().trim(), "ref: refs/heads/main");
    assert!(fs::read_to_string(repository.join("config")).unwrap().contains("bare = true"));
    assert_eq!(project["repository"]["initialCommitId"], main_of(&repository));
    assert_eq!(kept(&home, "acme", &made.id), [repository], "one repository, and nothing beside it");
}

#[test]
fn lists_show_the_projects_of_a_tenant_and_of_a_person_newest_first() {
    let home = Home::new();
    let dev = home.dev();
    let [alice, bob, eve] = [ALICE, Person { user: "bob", ..ALICE }, Person { tenant: "other", ..ALICE }]
        .map(|person| dev.api(&home.token(person)));
    for (api, name) in [(&alice, "First"), (&bob, "Second"), (&alice, "Third")] {
        Made::accepted(api, &create_project(name, BUILT_IN, json!({}))).ready(api);
    }
    assert_eq!(names(&tenant_projects(&bob)), ["Third", "Second", "First"]);
    assert_eq!(names(&user_projects(&bob, "alice")), ["Third", "First"]);
    assert_eq!(names(&user_projects(&alice, "bob")), ["Second"]);
    assert!(names(&tenant_projects(&eve)).is_empty(), "another tenant sees nothing");
    assert!(names(&user_projects(&eve, "alice")).is_empty());

    let query = "query ($next: String) { projects(limit: 2, nextToken: $next) { items { name } nextToken } }";
    let first = alice.ask(query, json!({}))["projects"].take();
    let rest = alice.ask(query, json!({ "next": first["nextToken"] }))["projects"].take();
    assert_eq!((names(&first), names(&rest)), (vec!["Third", "Second"], vec!["First"]));
    assert_eq!(rest["nextToken"], Value::Null);
}

#[test]
fn a_command_sent_again_is_one_command() {
    let home = Home::new();
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    let body = create_project("Demo", BUILT_IN, json!({}));
    let made = Made::accepted(&api, &body);
    assert_eq!(Made::accepted(&api, &body).answer, made.answer, "while it is being made");
    let project = made.ready(&api);
    assert_eq!(Made::accepted(&api, &body).answer, made.answer, "when it is ready");

    let mut other = body.clone();
    other["data"]["name"] = json!("Another");
    let refused = api.command("project/CreateProject", &other);
    assert_eq!((refused.status, refused.problem()), (409, "IDEMPOTENCY_MISMATCH"));

    assert_eq!(names(&tenant_projects(&api)), ["Demo"]);
    assert_eq!(made.seen(&api), project);
}

#[test]
fn a_restart_keeps_everything() {
    let home = Home::new();
    let dev = home.dev();
    let token = home.token(ALICE);
    let body = create_project("Demo", BUILT_IN, json!({}));
    let made = Made::accepted(&dev.api(&token), &body);
    let project = made.ready(&dev.api(&token));
    let items = dev.tables().event_items();
    assert!(dev.stop().success());

    let dev = home.dev();
    let api = dev.api(&token);
    assert_eq!(made.seen(&api), project, "and the token is still good");
    assert_eq!(names(&tenant_projects(&api)), ["Demo"]);
    assert_eq!(Made::accepted(&api, &body).answer, made.answer);
    assert_eq!(main_of(&place(&project)), project["repository"]["initialCommitId"].as_str().unwrap());
    assert_eq!(dev.tables().event_items(), items, "starting writes no event");
}

#[test]
fn a_project_accepted_before_a_stop_becomes_ready_after_it() {
    let home = Home::new();
    let dev = home.dev();
    let token = home.token(ALICE);
    let made = Made::accepted(&dev.api(&token), &create_project("Demo", BUILT_IN, json!({})));
    assert!(dev.stop().success());
    made.ready(&home.dev().api(&token));
}

#[test]
fn a_name_is_taken_once_in_a_tenant_whatever_its_case() {
    let home = Home::new();
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    Made::accepted(&api, &create_project("Demo Shop", BUILT_IN, json!({})));
    for name in ["Demo Shop", "dEMO sHOP", " Demo Shop "] {
        let refused = api.command("project/CreateProject", &create_project(name, BUILT_IN, json!({})));
        assert_eq!((refused.status, refused.problem()), (409, "NAME_TAKEN"), "{name:?}");
    }
    let other = dev.api(&home.token(Person { tenant: "other", ..ALICE }));
    Made::accepted(&other, &create_project("Demo Shop", BUILT_IN, json!({}))).ready(&other);
}

#[test]
fn a_published_template_becomes_the_repository_s_first_commit() {
    let home = Home::new();
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    let body = create_project("Demo Shop", "fragile", json!({ "port": 9000 }));
    let refused = api.command("project/CreateProject", &body);
    assert_eq!((refused.status, refused.problem()), (422, "BUSINESS_RULE_VIOLATION"), "not published yet");

    publish_template(&api, "fragile", FRAGILE);
    let project = Made::accepted(&api, &body).ready(&api);

    assert_eq!(project["templateName"], "Template fragile");
    let created = DateTime::parse_from_rfc3339(project["createdAt"].as_str().unwrap()).unwrap();
    let expected = commit_of(FRAGILE, "Demo Shop", json!({ "port": 9000 }), created.timestamp());
    assert_eq!(project["repository"]["initialCommitId"], expected, "every file, name and mode");
    assert_eq!(main_of(&place(&project)), expected);
}

/// The commit that template makes of a project.
fn commit_of(files: &[(&str, &str)], name: &str, parameters: Value, at: i64) -> String {
    let file = |(path, text): &(&str, &str)| SourceFile {
        path: (*path).to_owned(),
        mode: FileMode::Regular,
        content: text.as_bytes().to_vec(),
    };
    let files: Vec<_> = files.iter().map(file).collect();
    let parameters: Map<String, Value> = parameters.as_object().unwrap().clone();
    let rendered = inspect(&files).unwrap().render(&parameters, &ProjectFacts::new(name, None)).unwrap();
    initial_commit(&rendered, at, "Initial commit").unwrap().id.to_string()
}

#[test]
fn a_creation_that_fails_is_undone_and_says_why() {
    let home = Home::new();
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    publish_template(&api, "fragile", FRAGILE);
    let broken = create_project("Demo Shop", "fragile", json!({ "mode": "broken" }));
    let made = Made::accepted(&api, &broken);

    let project = made.settled(&api);
    assert_eq!((&project["status"], &project["repository"]), (&json!("failed"), &Value::Null));
    assert_eq!(project["failure"]["code"], "Rejected");
    let reason = project["failure"]["message"].as_str().unwrap();
    assert!(reason.contains("README.md.j2:2:"), "the place: {reason}");
    assert!(reason.contains("absent") || reason.contains("undefined"), "the reason: {reason}");
    assert!(kept(&home, "acme", &made.id).is_empty(), "no repository is left");
    assert_eq!(Made::accepted(&api, &broken).answer, made.answer, "sent again, it does not start again");

    let again = Made::accepted(&api, &create_project("demo shop", "fragile", json!({})));
    again.ready(&api);
    assert_eq!(made.seen(&api), project, "the failed one stays as it was");
    assert_eq!(names(&tenant_projects(&api)), ["demo shop", "Demo Shop"]);
}
