//! What the embedded API refuses, in Skafu's own words, where a deployed stack has a gateway before it.

use serde_json::{Value, json};

use crate::support::{ALICE, Answer, BUILT_IN, Dev, Home, Made, Person, create_project, eventually};

const CREATE: &str = "project/CreateProject";
const CREATE_PATH: &str = "/commands/project/CreateProject";

fn demo() -> Value {
    create_project("Demo", BUILT_IN, json!({}))
}

/// The answer is that refusal, and the event table holds as many items as before.
fn refused(dev: &Dev, items: usize, answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.problem()), (status, code), "{answer:?}");
    assert_eq!(dev.tables().event_items(), items, "a refusal writes nothing: {answer:?}");
}

/// A token that ends after so many seconds.
fn short_lived(home: &Home, seconds: &str) -> String {
    let done = home.run(&["token", "--user", "alice", "--tenant", "acme", "--lifetime", seconds]);
    assert!(done.succeeded(), "{done:?}");
    done.stdout.trim().to_owned()
}

#[test]
fn a_token_is_good_for_its_lifetime_only() {
    let home = Home::new();
    let dev = home.dev();
    let items = dev.tables().event_items();
    let over = dev.api(&short_lived(&home, "0"));
    for answer in [over.command(CREATE, &demo()), over.post("/graphql", b"{}"), over.get("/graphql")] {
        refused(&dev, items, &answer, 401, "UNAUTHORIZED");
    }

    let api = dev.api(&short_lived(&home, "3"));
    let ask = || api.post("/graphql", br#"{"query": "{ projects { nextToken } }"}"#);
    assert_eq!(ask().status, 200);
    let answer = eventually("the token's end", || Some(ask()).filter(|answer| answer.status != 200));
    refused(&dev, items, &answer, 401, "UNAUTHORIZED");
}

#[test]
fn a_command_is_posted_and_of_a_bounded_size() {
    let home = Home::new();
    let dev = home.dev();
    let (api, items) = (dev.api(&home.token(ALICE)), dev.tables().event_items());
    refused(&dev, items, &api.get(CREATE_PATH), 405, "METHOD_NOT_ALLOWED");
    let huge = format!("{}{}", demo(), " ".repeat(6 << 20));
    refused(&dev, items, &api.post(CREATE_PATH, huge.as_bytes()), 413, "PAYLOAD_TOO_LARGE");
}

#[test]
fn progress_is_told_to_the_tenant_alone() {
    let home = Home::new();
    let dev = home.dev();
    let alice = dev.api(&home.token(ALICE));
    let made = Made::accepted(&alice, &demo());
    made.ready(&alice);
    let path = format!("/executions/prj-{}-1", made.id);
    assert_eq!(alice.get(&path).status, 200);
    let eve = dev.api(&home.token(Person { tenant: "evil", role: "admin", ..ALICE }));
    let progress = eve.get(&path);
    assert_eq!((progress.status, progress.body), (404, Value::Null));
}

#[test]
fn other_names_than_this_machine_s_are_not_served() {
    let home = Home::new();
    let dev = home.dev();
    let mut request = ureq::get(format!("{}/health", dev.url()));
    request = request.header("host", "evil.example");
    let answer = request.config().http_status_as_error(false).proxy(None).build().call().unwrap();
    assert_eq!(answer.status(), 421);
}
