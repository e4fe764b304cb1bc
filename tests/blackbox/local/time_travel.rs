//! The past as operators look at it, with and without a running system.

use serde_json::{Value, json};

use crate::support::{ALICE, BUILT_IN, Home, Made, create_project};

#[test]
fn an_operator_sees_the_same_past_running_or_stopped() {
    let home = Home::new();
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    let made = Made::accepted(&api, &create_project("Demo", BUILT_IN, json!({})));
    let versions = made.ready(&api)["totalEvents"].as_u64().unwrap();
    let past = || -> Vec<Value> {
        let show = |version: u64| {
            let at = version.to_string();
            let done =
                home.run(&["aggregate", "show", &made.id, "--tenant", ALICE.tenant, "--at", &at, "--json"]);
            assert!(done.succeeded() && done.stderr.is_empty(), "{done:?}");
            done.json()
        };
        (1..=versions).map(show).collect()
    };
    let running = past();
    let seen: Vec<_> = running.iter().map(|shown| (&shown["version"], &shown["state"]["status"])).collect();
    assert_eq!(seen[0], (&json!(1), &json!("draft")));
    assert_eq!(seen.last(), Some(&(&json!(versions), &json!("ready"))));
    assert!(dev.stop().success());
    assert_eq!(past(), running);
}
