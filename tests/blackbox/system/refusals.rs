//! What the API refuses, how it says so, and that nothing is written when it does.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{ALICE, BUILT_IN, Made, Person, World, create_project, publish_template};

const CREATE: &str = "project/CreateProject";

fn demo() -> Value {
    create_project("Demo", BUILT_IN, json!({}))
}

/// The body with one value of its data replaced.
fn with(mut body: Value, field: &str, value: Value) -> Value {
    body["data"][field] = value;
    body
}

#[test]
fn an_accepted_command_is_what_changes_the_event_table() {
    let world = World::new();
    let api = world.api(ALICE);
    assert_eq!(world.event_items(), 0);
    Made::accepted(&api, &demo()).ready(&api);
    assert!(world.event_items() > 0);
}

#[test]
fn a_role_allows_what_it_allows() {
    let mut world = World::new();
    let alice = world.api(ALICE);
    let made = Made::accepted(&alice, &demo());
    let project = made.ready(&alice);
    world.start_counting();

    let viewer = world.api(Person { user: "vera", role: "viewer", ..ALICE });
    world.refused(&viewer.command(CREATE, &create_project("Other", BUILT_IN, json!({}))), 403, "FORBIDDEN");
    assert_eq!(made.seen(&viewer), project, "but may look");
    let template = json!({ "commandId": Uuid::now_v7(), "data": { "templateId": "t", "name": "T" } });
    world.refused(&viewer.command("template/CreateTemplate", &template), 403, "FORBIDDEN");

    // The saga's own commands are nobody else's, not even an administrator's.
    let admin = world.api(Person { user: "root", role: "admin", ..ALICE });
    for (command, data) in [
        (
            "project/FailProjectCreation",
            json!({ "projectId": made.id, "attempt": 1, "failedStep": "x",
                    "error": { "code": "x", "message": "x" } }),
        ),
        ("repository/DeleteRepository", json!({ "projectId": made.id, "reason": "x" })),
    ] {
        let answer = admin.command(command, &json!({ "commandId": Uuid::now_v7(), "data": data }));
        world.refused(&answer, 403, "FORBIDDEN");
    }
    assert_eq!(made.seen(&alice), project);
}

#[test]
fn another_tenant_s_things_do_not_exist() {
    let mut world = World::new();
    let alice = world.api(ALICE);
    publish_template(&alice, "mine", &[("template.json", r#"{"name": "T"}"#), ("a.txt", "a")]);
    let made = Made::accepted(&alice, &create_project("Demo", "mine", json!({})));
    let project = made.ready(&alice);
    world.start_counting();

    let eve = world.api(Person { tenant: "evil", role: "admin", ..ALICE });
    assert_eq!(made.seen(&eve), Value::Null);
    world.refused(
        &eve.command(CREATE, &create_project("Copy", "mine", json!({}))),
        422,
        "BUSINESS_RULE_VIOLATION",
    );
    for (command, data) in [
        ("template/PublishTemplate", json!({ "templateId": "mine" })),
        (
            "template/UploadTemplateFiles",
            json!({ "templateId": "mine", "files": [{ "path": "b", "text": "b" }] }),
        ),
    ] {
        let answer = eve.command(command, &json!({ "commandId": Uuid::now_v7(), "data": data }));
        world.refused(&answer, 404, "NOT_FOUND");
    }
    let configure = json!({ "projectId": made.id, "attempt": 1, "failedStep": "x",
        "error": { "code": "x", "message": "x" } });
    let body = json!({ "commandId": Uuid::now_v7(), "data": configure });
    world.refused(&eve.command("project/FailProjectCreation", &body), 403, "FORBIDDEN");
    let progress = eve.get(&format!("/executions/prj-{}-1", made.id));
    assert_eq!(progress.status, 404, "{progress:?}");
    assert_eq!(made.seen(&alice), project);
}

#[test]
fn what_is_not_there_is_not_found() {
    let world = World::new();
    let api = world.api(ALICE);
    for command in ["project/Fly", "project/createproject", "template/CreateProject", "nothing/CreateProject"]
    {
        world.refused(&api.command(command, &demo()), 404, "UNKNOWN_COMMAND");
    }
    world.turned_away(&api.post("/commands/project", b"{}"), 404, "NOT_FOUND");
    world.turned_away(&api.get("/nothing"), 404, "NOT_FOUND");
    let unknown = api.ask("{ project(id: \"nobody\") { id } }", json!({}));
    assert_eq!(unknown["project"], Value::Null);
}

#[test]
fn a_body_must_be_json_of_the_command_s_form() {
    let world = World::new();
    let api = world.api(ALICE);
    for body in ["", "{", "nothing", "{\"data\": {}}}", "\u{feff}{}"] {
        let answer = api.post("/commands/project/CreateProject", body.as_bytes());
        world.refused(&answer, 400, "MALFORMED_JSON");
        assert!(answer.body["detail"].as_str().unwrap().contains("line 1, column"), "{answer:?}");
    }
    let invalid = |body: &Value, violations: &[(&str, &str)]| {
        let answer = api.command(CREATE, body);
        world.refused(&answer, 400, "VALIDATION_ERROR");
        assert_eq!(answer.violations(), violations, "{body}");
    };
    invalid(&json!([]), &[("", "type")]);
    invalid(&json!({}), &[("/commandId", "required"), ("/data", "required")]);
    invalid(
        &json!({ "commandId": "x", "colour": "red", "data": { "name": 7, "size": 1, "configuration": { "x": 1 } } }),
        &[
            ("/colour", "unknown"),
            ("/commandId", "format"),
            ("/data/configuration/x", "unknown"),
            ("/data/name", "type"),
            ("/data/size", "unknown"),
            ("/data/templateId", "required"),
        ],
    );
    invalid(
        &json!({ "commandId": Uuid::now_v7(), "expectedVersion": -1, "data": demo()["data"] }),
        &[("/expectedVersion", "minimum")],
    );
    let mut body = demo();
    body["userId"] = json!(world.user_id(Person { user: "bob", ..ALICE }));
    world.refused(&api.command(CREATE, &body), 403, "FORBIDDEN");
}

#[test]
fn a_name_is_1_to_100_letters_digits_spaces_underscores_and_hyphens() {
    let world = World::new();
    let api = world.api(ALICE);
    for (name, violations) in [
        ("", vec![("/data/name", "minLength"), ("/data/name", "pattern")]),
        (&"x".repeat(101), vec![("/data/name", "maxLength")]),
        ("a/b", vec![("/data/name", "pattern")]),
        ("../../etc", vec![("/data/name", "pattern")]),
        ("Größe", vec![("/data/name", "pattern")]),
        ("two\nlines", vec![("/data/name", "pattern")]),
        ("end\n", vec![("/data/name", "pattern")]),
        ("   ", vec![("/data/name", "blank")]),
        ("Admin", vec![("/data/name", "reserved")]),
    ] {
        let answer = api.command(CREATE, &with(demo(), "name", json!(name)));
        world.refused(&answer, 400, "VALIDATION_ERROR");
        assert_eq!(answer.violations(), violations, "{name:?}");
    }
    let longest = api.command(CREATE, &with(demo(), "name", json!("x".repeat(100))));
    assert_eq!(longest.status, 202, "{longest:?}");
}

#[test]
fn parameters_must_be_those_the_template_asks_for() {
    let mut world = World::new();
    let api = world.api(ALICE);
    let manifest = r#"{"name": "T", "parameters": [
        {"name": "port", "type": "integer", "default": 8080},
        {"name": "colour", "type": "choice", "choices": ["red", "green"]},
        {"name": "region", "type": "string", "pattern": "[a-z]+-[0-9]", "default": "eu-1"},
        {"name": "owner", "type": "string", "required": true}
    ]}"#;
    publish_template(&api, "asking", &[("template.json", manifest), ("a.j2", "{{ owner }}")]);
    world.start_counting();

    let wrong = json!({ "port": "many", "colour": "blue", "region": "eu-1;", "size": 1 });
    let answer = api.command(CREATE, &create_project("Demo", "asking", wrong));
    world.refused(&answer, 400, "VALIDATION_ERROR");
    let expected = [
        ("/data/templateParameters/colour", "choice"),
        ("/data/templateParameters/owner", "required"),
        ("/data/templateParameters/port", "type"),
        ("/data/templateParameters/region", "pattern"),
        ("/data/templateParameters/size", "unknown"),
    ];
    assert_eq!(answer.violations(), expected);

    let answer = api.command(CREATE, &create_project("Demo", "no-such-template", json!({})));
    world.refused(&answer, 422, "BUSINESS_RULE_VIOLATION");
    assert_eq!(answer.body["rule"], "template-published");
    let runtime = create_project("Demo", BUILT_IN, json!({ "runtime": "cobol1985" }));
    world.refused(&api.command(CREATE, &runtime), 400, "VALIDATION_ERROR");
}

#[test]
fn a_template_that_cannot_work_is_not_published() {
    let mut world = World::new();
    let api = world.api(ALICE);
    let command = |name: &str, data: Value| {
        api.command(&format!("template/{name}"), &json!({ "commandId": Uuid::now_v7(), "data": data }))
    };
    assert_eq!(command("CreateTemplate", json!({ "templateId": "bad", "name": "Bad" })).status, 200);
    world.start_counting();
    for path in ["/etc/passwd", "../up", "a/../../b", ".git/hooks/post-checkout", "a//b"] {
        let files = json!([{ "path": path, "text": "x" }]);
        let answer = command("UploadTemplateFiles", json!({ "templateId": "bad", "files": files }));
        world.refused(&answer, 400, "VALIDATION_ERROR");
        assert_eq!(answer.violations(), [("/data/files/0/path", "INVALID_FILE_PATH")], "{path}");
    }
    for target in ["/etc/passwd", "../../up"] {
        let files = json!([{ "path": "dir/link", "symlink": target }]);
        let answer = command("UploadTemplateFiles", json!({ "templateId": "bad", "files": files }));
        world.refused(&answer, 400, "VALIDATION_ERROR");
        assert_eq!(answer.violations(), [("/data/files/0/symlink", "INVALID_FILE_PATH")], "{target}");
    }
    world.refused(
        &command("PublishTemplate", json!({ "templateId": "bad" })),
        422,
        "BUSINESS_RULE_VIOLATION",
    );
    let files = json!([{ "path": "template.json", "text": r#"{"name": "T"}"# }, { "path": "a.j2", "text": "\n {{ x" }]);
    assert_eq!(
        command("UploadTemplateFiles", json!({ "templateId": "bad", "files": files })).status,
        200,
        "drafts may be wrong"
    );
    world.start_counting();
    let answer = command("PublishTemplate", json!({ "templateId": "bad" }));
    world.refused(&answer, 422, "BUSINESS_RULE_VIOLATION");
    let (field, code) = answer.violations()[0];
    assert!(field.starts_with("a.j2:2:"), "{field}");
    assert_eq!(code, "INVALID_TEMPLATE_SYNTAX");
}

#[test]
fn a_body_has_at_most_a_mebibyte() {
    let world = World::new();
    let api = world.api(ALICE);
    let fill = |bytes: usize| {
        let mut body = with(demo(), "description", json!("")).to_string();
        let padding = " ".repeat(bytes - body.len());
        body.push_str(&padding);
        body.into_bytes()
    };
    world.refused(
        &api.post("/commands/project/CreateProject", &fill((1 << 20) + 1)),
        413,
        "PAYLOAD_TOO_LARGE",
    );
    let whole = api.post("/commands/project/CreateProject", &fill(1 << 20));
    assert_eq!(whole.status, 202, "{whole:?}");
}

#[test]
fn a_question_must_be_one() {
    let world = World::new();
    let api = world.api(ALICE);
    for body in ["", "{", "7", "{}", r#"{"query": 7}"#] {
        let answer = api.post("/graphql", body.as_bytes());
        assert_eq!((answer.status, answer.error()), (400, "MALFORMED_REQUEST"), "{body}");
    }
    let answer = api.post("/graphql", br#"[{ "query": "{ me { id } }" }]"#);
    assert_eq!((answer.status, answer.error()), (400, "BATCH_NOT_SUPPORTED"));
    let answer = api.get("/graphql?query=mutation%7B__typename%7D");
    assert_eq!((answer.status, answer.error()), (405, "METHOD_NOT_ALLOWED"));
    assert_eq!(api.get("/graphql?query=%7B__typename%7D").status, 200);
    let deep = "{ projects(limit: 101) { nextToken } }";
    let answer = api.post("/graphql", json!({ "query": deep }).to_string().as_bytes());
    assert_eq!(answer.body["errors"][0]["extensions"]["code"], "VALIDATION_ERROR", "{answer:?}");
}
