//! `skafu views`: what is parked, shown and released, with and without a running system.

use serde_json::{Value, json};
use skafu_events::StreamId;

use crate::support::{ALICE, Api, BUILT_IN, Home, Made, create_project, eventually};

fn ready(api: &Api, name: &str) -> Made {
    let made = Made::accepted(api, &create_project(name, BUILT_IN, json!({ "runtime": "python3.12" })));
    made.ready(api);
    made
}

fn parked(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let done = home.run(&[&["views", "parked", "--json"], arguments].concat());
    assert!(done.succeeded() && done.stderr.is_empty(), "{done:?}");
    done.json()["parked"].as_array().unwrap().clone()
}

#[test]
fn all_that_is_parked_is_released_and_each_told_also_when_no_system_runs() {
    let home = Home::new();
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    let none = home.run(&["views", "parked", "project"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), "nothing is parked in the view project\n"));

    let tables = dev.tables();
    let change = json!({ "changes": { "name": "Renamed" }, "previousValues": {} });
    let streams: Vec<StreamId> =
        ["One", "Two"].map(|name| format!("acme/PROJECT#{}", ready(&api, name).id).parse().unwrap()).into();
    let versions: Vec<u64> =
        streams.iter().map(|stream| tables.append(stream, "ProjectTeleported", change.clone())).collect();
    let both = eventually("both parked", || Some(parked(&home, &["project"])).filter(|rows| rows.len() == 2));
    let endpoint = dev.greeting()["dynamodbUrl"].as_str().unwrap();
    assert_eq!(parked(&home, &["project", "--endpoint", endpoint]), both, "by the endpoint, too");
    tables.mend(&streams[0], versions[0], "ProjectUpdated");
    assert!(dev.stop().success());

    let done = home.run(&["views", "release", "project", "--all", "--json"]);
    assert_eq!(done.code, Some(1), "{done:?}");
    let answer = done.json();
    let outcome = |stream: &StreamId| {
        let of = |it: &&Value| it["id"] == stream.id();
        answer["aggregates"].as_array().unwrap().iter().find(of).cloned().unwrap()
    };
    assert_eq!(outcome(&streams[0])["outcome"], "released");
    assert_eq!(outcome(&streams[1])["outcome"], "parked");
    assert!(outcome(&streams[1])["error"].as_str().unwrap().contains("ProjectTeleported"));
    assert_eq!(parked(&home, &[])[0]["id"], streams[1].id());
}

#[test]
fn a_view_that_is_none_is_refused_with_the_names_there_are() {
    let home = Home::new();
    assert_eq!(home.run(&["views", "parked", "--json"]).error()["code"], "NO_DATA");
    assert!(home.dev().stop().success());
    let empty = home.run(&["views", "parked"]);
    assert_eq!((empty.code, empty.stdout.as_str()), (Some(0), "nothing is parked in any view\n"));
    for arguments in [&["views", "parked", "nothing"][..], &["views", "release", "nothing", "--all"]] {
        let error = home.run(&[arguments, &["--json"]].concat()).error();
        assert_eq!(error["code"], "UNKNOWN_VIEW");
        assert!(error["message"].as_str().unwrap().contains("project"), "{error}");
    }
    let error = home.run(&["views", "release", "project", "x", "--json"]).error();
    assert_eq!(error["code"], "NOT_PARKED");
    let missing = home.run(&["views", "release", "project"]);
    assert_eq!(missing.code, Some(2), "either an id or --all: {missing:?}");
    let table = home.run(&["views", "parked", "--view-table", "nothing", "--json"]).error();
    assert!(table["message"].as_str().unwrap().contains("--view-table"), "{table}");
}
