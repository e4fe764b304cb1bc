//! `skafu views`: an aggregate that a view cannot fold is parked, told of, and brought up to date again.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "what fails here fails the test")]

mod support;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value, json};
use skafu_events::{StreamId, Timestamp};
use skafu_store::aws::Connection;
use skafu_store::{Consistency, Draft, DynamoEventStore, EventStore, NewEvent};
use support::{ALICE, Api, BUILT_IN, Dev, Home, Made, create_project, eventually};
use uuid::Uuid;

const EVENTS: &str = "skafu-events";

/// Another writer's way to the event table of a running system.
struct Writer {
    runtime: tokio::runtime::Runtime,
    url: String,
}

impl Writer {
    fn on(dev: &Dev) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { runtime, url: dev.greeting()["dynamodbUrl"].as_str().unwrap().to_owned() }
    }

    /// Appends an event of any type, and returns its version.
    fn append(&self, stream: &StreamId, event_type: &str, data: Value) -> u64 {
        let draft = Draft {
            events: vec![NewEvent { event_type: event_type.to_owned(), event_version: 1, data }],
            command_id: Uuid::now_v7(),
            body_hash: String::new(),
            correlation_id: Uuid::now_v7(),
            user_id: "alice".to_owned(),
            timestamp: Timestamp::from(chrono::Utc::now()),
            metadata: Map::new(),
        };
        self.runtime.block_on(async {
            let store = DynamoEventStore::new(Connection::local(&self.url).dynamodb(), EVENTS);
            let history = store.load(stream, Consistency::Strong).await.unwrap();
            store.append(&history, draft, &[]).await.unwrap().last_version()
        })
    }

    /// Makes the event of that version one of another type: what a new version of the code does.
    fn mend(&self, stream: &StreamId, version: u64, event_type: &str) {
        self.runtime.block_on(async {
            let client = Connection::local(&self.url).dynamodb();
            let attribute = |text: String| AttributeValue::S(text);
            let get = client.get_item().table_name(EVENTS).key("PK", attribute(stream.to_string()));
            let get = get.key("SK", attribute(format!("EVENT#{version:010}")));
            let mut item = get.send().await.unwrap().item.unwrap();
            let Some(AttributeValue::L(events)) = item.get_mut("events") else { panic!("no events") };
            let AttributeValue::M(event) = &mut events[0] else { panic!("no event") };
            event.insert("eventType".to_owned(), attribute(event_type.to_owned()));
            client.put_item().table_name(EVENTS).set_item(Some(item)).send().await.unwrap();
        });
    }
}

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
fn a_project_with_an_event_nobody_knows_is_parked_until_it_can_be_folded() {
    let home = Home::new();
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    let (stuck, other) = (ready(&api, "Stuck"), ready(&api, "Other"));
    let none = home.run(&["views", "parked", "project"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), "nothing is parked in the view project\n"));

    let stream: StreamId = format!("acme/PROJECT#{}", stuck.id).parse().unwrap();
    let writer = Writer::on(&dev);
    let change = |name: &str| json!({ "changes": { "name": name }, "previousValues": {} });
    let unknown = writer.append(&stream, "ProjectTeleported", change("Far away"));
    let row = eventually("the parked project", || parked(&home, &["project"]).pop());
    for (field, value) in [
        ("view", json!("project")),
        ("tenant", json!("acme")),
        ("kind", json!("project")),
        ("id", json!(stuck.id)),
        ("receives", json!(3)),
    ] {
        assert_eq!(row[field], value, "{field} of {row}");
    }
    assert_eq!(row["event"]["eventType"], "ProjectTeleported");
    assert_eq!(row["event"]["aggregateVersion"], unknown);
    let text = home.run(&["views", "parked"]).stdout;
    assert!(text.contains(&format!("project  {stream}\n  version {unknown}: ProjectTeleported")), "{text}");
    let endpoint = dev.greeting()["dynamodbUrl"].as_str().unwrap();
    assert_eq!(parked(&home, &["project", "--endpoint", endpoint]), [row], "by the endpoint, too");

    // Others flow, and what happens to it meanwhile waits.
    let other_stream: StreamId = format!("acme/PROJECT#{}", other.id).parse().unwrap();
    writer.append(&stream, "ProjectUpdated", change("Late"));
    writer.append(&other_stream, "ProjectUpdated", change("Moved on"));
    eventually("the other's new name", || (other.seen(&api)["name"] == "Moved on").then_some(()));
    assert_eq!(stuck.seen(&api)["name"], "Stuck");

    let release = ["views", "release", "project", &stuck.id, "--tenant", "acme"];
    let still = home.run(&release);
    assert_eq!(still.code, Some(1), "{still:?}");
    assert!(
        still.stdout.starts_with(&format!("{stream} stays parked: ProjectTeleported {unknown} ")),
        "{still:?}"
    );
    assert_eq!(parked(&home, &["project"]).len(), 1);

    writer.mend(&stream, unknown, "ProjectUpdated");
    let done = home.run(&[&release[..], &["--json"]].concat());
    assert!(done.succeeded(), "{done:?}");
    let outcome = json!({ "tenant": "acme", "kind": "project", "id": stuck.id, "outcome": "released" });
    assert_eq!(done.json(), json!({ "view": "project", "aggregates": [outcome] }));
    assert_eq!(stuck.seen(&api)["name"], "Late", "with everything that was missed");
    assert_eq!(parked(&home, &["project"]), [] as [Value; 0]);
    let again = home.run(&[&release[..], &["--json"]].concat()).error();
    assert_eq!(again["code"], "NOT_PARKED");
}

#[test]
fn all_that_is_parked_is_released_and_each_told_also_when_no_system_runs() {
    let home = Home::new();
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    let writer = Writer::on(&dev);
    let change = json!({ "changes": { "name": "Renamed" }, "previousValues": {} });
    let streams: Vec<StreamId> =
        ["One", "Two"].map(|name| format!("acme/PROJECT#{}", ready(&api, name).id).parse().unwrap()).into();
    let versions: Vec<u64> =
        streams.iter().map(|stream| writer.append(stream, "ProjectTeleported", change.clone())).collect();
    eventually("both parked", || (parked(&home, &["project"]).len() == 2).then_some(()));
    writer.mend(&streams[0], versions[0], "ProjectUpdated");
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
