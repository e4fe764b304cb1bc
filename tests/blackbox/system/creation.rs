//! From a command to a repository, over HTTP.

use chrono::DateTime;
use serde_json::{Map, Value, json};
use skafu_forge::git::initial_commit;
use skafu_forge::source::{FileMode, SourceFile};
use skafu_forge::template::{ProjectFacts, inspect};

use crate::support::{
    ALICE, Api, BUILT_IN, Made, Person, World, create_project, eventually, publish_template,
};

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

/// The projects of a list, by name, newest first.
fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|project| project["name"].as_str().unwrap()).collect()
}

fn tenant_projects(api: &Api) -> Value {
    api.ask("{ projects { items { id name status } nextToken } }", json!({}))["projects"].take()
}

/// The list shows them; an index may be a moment behind its rows.
fn shows(list: impl Fn() -> Value, expected: &[&str]) {
    eventually(&format!("a list of {expected:?}"), || (names(&list()) == expected).then_some(()));
}

fn user_projects(api: &Api, user: &str) -> Value {
    let query = "query ($id: ID!) { projectsByUser(userId: $id) { items { name } } }";
    api.ask(query, json!({ "id": user }))["projectsByUser"].take()
}

#[test]
fn a_command_becomes_a_repository() {
    let world = World::new();
    let api = world.api(ALICE);
    let mut body = create_project("Demo Shop", BUILT_IN, json!({ "runtime": "python3.12" }));
    body["data"]["description"] = json!("Sells things");

    let made = Made::accepted(&api, &body);
    assert_eq!(made.answer["commandId"], body["commandId"]);
    assert_eq!(made.answer["correlationId"], body["commandId"], "the request is followed by its own id");
    assert_eq!(made.answer["version"], 1);

    let project = made.ready(&api);
    assert_eq!(project["id"], made.id);
    assert_eq!((&project["name"], &project["ownerId"]), (&json!("Demo Shop"), &json!(world.user_id(ALICE))));
    assert_eq!(project["description"], "Sells things");
    assert_eq!(project["templateId"], BUILT_IN);
    assert!(project["templateName"].is_string(), "{project}");
    assert_eq!((&project["failure"], &project["totalEvents"]), (&Value::Null, &json!(5)));
    assert_eq!(project["repository"]["name"], "demo-shop");
    assert_eq!(project["repository"]["defaultBranch"], "main");

    let kept = world.repositories(ALICE.tenant, &made);
    let kept: Vec<_> = kept.iter().map(|it| (it.url.as_str(), it.main_commit.as_str())).collect();
    let told = ["cloneUrl", "initialCommitId"].map(|field| project["repository"][field].as_str().unwrap());
    assert_eq!(kept, [told.into()], "one repository, and nothing beside it");
}

#[test]
fn lists_show_the_projects_of_a_tenant_and_of_a_person_newest_first() {
    let world = World::new();
    let (bob, eve) = (Person { user: "bob", ..ALICE }, Person { tenant: "other", ..ALICE });
    let [alice_s, bob_s] = [ALICE, bob].map(|person| world.user_id(person));
    let [alice, bob, eve] = [ALICE, bob, eve].map(|person| world.api(person));
    for (api, name) in [(&alice, "First"), (&bob, "Second"), (&alice, "Third")] {
        Made::accepted(api, &create_project(name, BUILT_IN, json!({}))).ready(api);
    }
    shows(|| tenant_projects(&bob), &["Third", "Second", "First"]);
    shows(|| user_projects(&bob, &alice_s), &["Third", "First"]);
    shows(|| user_projects(&alice, &bob_s), &["Second"]);
    assert!(names(&tenant_projects(&eve)).is_empty(), "another tenant sees nothing");
    assert!(names(&user_projects(&eve, &alice_s)).is_empty());

    let query = "query ($next: String) { projects(limit: 2, nextToken: $next) { items { name } nextToken } }";
    let first = alice.ask(query, json!({}))["projects"].take();
    let rest = alice.ask(query, json!({ "next": first["nextToken"] }))["projects"].take();
    assert_eq!((names(&first), names(&rest)), (vec!["Third", "Second"], vec!["First"]));
    assert_eq!(rest["nextToken"], Value::Null);
}

#[test]
fn a_command_sent_again_is_one_command() {
    let world = World::new();
    let api = world.api(ALICE);
    let body = create_project("Demo", BUILT_IN, json!({}));
    let made = Made::accepted(&api, &body);
    assert_eq!(Made::accepted(&api, &body).answer, made.answer, "while it is being made");
    let project = made.ready(&api);
    assert_eq!(Made::accepted(&api, &body).answer, made.answer, "when it is ready");

    let mut other = body.clone();
    other["data"]["name"] = json!("Another");
    let refused = api.command("project/CreateProject", &other);
    assert_eq!((refused.status, refused.problem()), (409, "IDEMPOTENCY_MISMATCH"));

    shows(|| tenant_projects(&api), &["Demo"]);
    assert_eq!(made.seen(&api), project);
}

#[test]
fn a_name_is_taken_once_in_a_tenant_whatever_its_case() {
    let world = World::new();
    let api = world.api(ALICE);
    Made::accepted(&api, &create_project("Demo Shop", BUILT_IN, json!({})));
    for name in ["Demo Shop", "dEMO sHOP", " Demo Shop "] {
        let refused = api.command("project/CreateProject", &create_project(name, BUILT_IN, json!({})));
        assert_eq!((refused.status, refused.problem()), (409, "NAME_TAKEN"), "{name:?}");
    }
    let other = world.api(Person { tenant: "other", ..ALICE });
    Made::accepted(&other, &create_project("Demo Shop", BUILT_IN, json!({}))).ready(&other);
}

#[test]
fn a_published_template_becomes_the_repository_s_first_commit() {
    let world = World::new();
    let api = world.api(ALICE);
    let body = create_project("Demo Shop", "fragile", json!({ "port": 9000 }));
    let refused = api.command("project/CreateProject", &body);
    assert_eq!((refused.status, refused.problem()), (422, "BUSINESS_RULE_VIOLATION"), "not published yet");

    publish_template(&api, "fragile", FRAGILE);
    let made = Made::accepted(&api, &body);
    let project = made.ready(&api);
    let name =
        eventually("the template's row", || made.seen(&api)["templateName"].as_str().map(str::to_owned));
    assert_eq!(name, "Template fragile");
    let created = DateTime::parse_from_rfc3339(project["createdAt"].as_str().unwrap()).unwrap();
    let expected = commit_of(FRAGILE, "Demo Shop", json!({ "port": 9000 }), created.timestamp());
    assert_eq!(project["repository"]["initialCommitId"], expected, "every file, name and mode");
    let kept = world.repositories(ALICE.tenant, &made);
    assert_eq!(kept.iter().map(|it| &it.main_commit).collect::<Vec<_>>(), [&expected]);
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
    let world = World::new();
    let api = world.api(ALICE);
    publish_template(&api, "fragile", FRAGILE);
    let broken = create_project("Demo Shop", "fragile", json!({ "mode": "broken" }));
    let made = Made::accepted(&api, &broken);

    let project = made.settled(&api);
    assert_eq!((&project["status"], &project["repository"]), (&json!("failed"), &Value::Null));
    assert_eq!(project["failure"]["code"], "Rejected");
    let reason = project["failure"]["message"].as_str().unwrap();
    assert!(reason.contains("README.md.j2:2:"), "the place: {reason}");
    assert!(reason.contains("absent") || reason.contains("undefined"), "the reason: {reason}");
    assert_eq!(world.repositories(ALICE.tenant, &made), [], "no repository is left");
    assert_eq!(Made::accepted(&api, &broken).answer, made.answer, "sent again, it does not start again");

    let again = Made::accepted(&api, &create_project("demo shop", "fragile", json!({})));
    again.ready(&api);
    assert_eq!(made.seen(&api), project, "the failed one stays as it was");
    shows(|| tenant_projects(&api), &["demo shop", "Demo Shop"]);
}
