//! A stop and a start: everything is kept, and what was under way goes on.

use std::fs;

use serde_json::{Value, json};

use crate::support::{ALICE, BUILT_IN, Home, Made, create_project};

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
    let list = api.ask("{ projects { items { name } } }", json!({}));
    assert_eq!(list["projects"]["items"], json!([{ "name": "Demo" }]));
    assert_eq!(Made::accepted(&api, &body).answer, made.answer);
    assert_eq!(main_of(&home, &project), project["repository"]["initialCommitId"]);
    assert_eq!(dev.tables().event_items(), items, "starting writes no event");
}

/// The commit that `main` leads to in the repository of a project, below this data directory.
fn main_of(home: &Home, project: &Value) -> String {
    let url = project["repository"]["cloneUrl"].as_str().unwrap();
    let path = url.strip_prefix("file://").expect("a file URL");
    assert!(path.starts_with(home.data().canonicalize().unwrap().to_str().unwrap()), "{path}");
    fs::read_to_string(format!("{path}/refs/heads/main")).unwrap().trim().to_owned()
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
fn a_consistency_token_outlives_the_process() {
    let home = Home::new();
    let dev = home.dev();
    let token = home.token(ALICE);
    let made = Made::accepted(&dev.api(&token), &create_project("Demo", BUILT_IN, json!({})));
    assert!(dev.stop().success());
    let dev = home.dev();
    let api = dev.api(&token).after(&made.token);
    assert_eq!(api.ask("{ me { projectCount } }", json!({}))["me"]["projectCount"], 1);
}
