use std::fs;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value, json};
use skafu_events::{StreamId, Timestamp};
use skafu_forge::blobs::DirectoryBlobs;
use skafu_functions::BlobPayloads;
use skafu_store::{Consistency, Draft, DynamoEventStore, EventStore, NewEvent};
use uuid::Uuid;

use crate::world::{Running, TABLE, World, skafu, stderr, stdout};

/// The codes of what `verify` finds, by version.
fn findings(world: &World) -> Vec<(u64, String)> {
    let (report, ok) = world.json(&["store", "verify"]);
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(ok, findings.is_empty(), "the exit code tells whether anything is wrong");
    let found = |it: &Value| (it["version"].as_u64().unwrap(), it["code"].as_str().unwrap().to_owned());
    assert!(findings.iter().all(|it| it["stream"] == world.stream()), "{report}");
    findings.iter().map(found).collect()
}

fn code(version: u64, code: &str) -> (u64, String) {
    (version, code.to_owned())
}

#[test]
fn nothing_is_wrong_with_a_store_nobody_meddled_with() {
    let world = World::new();
    for segments in ["1", "4", "7"] {
        let output = world.run(&["store", "verify", "--segments", segments]);
        assert!(output.status.success());
        assert_eq!(stdout(&output), "9 streams, 28 commits, 28 events checked: nothing is wrong\n");
    }
}

#[test]
fn a_lost_commit_is_named_by_stream_and_version() {
    let world = World::new();
    world.lose(2);
    world.lose(3);
    let output = world.run(&["store", "verify"]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains(&format!("{} version 2: versions 2 to 3 are missing\n", world.stream())), "{text}");
    assert!(text.ends_with("9 streams, 26 commits, 26 events checked: 1 finding\n"), "{text}");
    let shown = world.run(&["aggregate", "show", &world.project]);
    assert_eq!(shown.status.code(), Some(1));
    assert!(stderr(&shown).contains("version 2 is missing: `skafu store verify`"), "{}", stderr(&shown));
}

#[test]
fn an_event_with_the_id_of_another_is_named_with_it() {
    let world = World::new();
    let shared = world.dump(&["--tenant", "_shared"]);
    let other = shared.iter().find(|event| event["aggregateId"] == "TEMPLATE#sam-python-api").unwrap();
    let other = other["eventId"].as_str().unwrap().to_owned();
    world.rewrite(4, |item| {
        let Some(AttributeValue::L(events)) = item.get_mut("events") else { panic!("no events") };
        let AttributeValue::M(event) = &mut events[0] else { panic!("no event") };
        event.insert("eventId".to_owned(), AttributeValue::S(other));
    });
    assert_eq!(findings(&world), [code(4, "WRONG_EVENT_ID"), code(4, "DUPLICATE_EVENT_ID")]);
    let text = stdout(&world.run(&["store", "verify"]));
    assert!(text.contains("_shared/TEMPLATE#sam-python-api version 1 has the event's id too"), "{text}");
}

#[test]
fn a_commit_whose_version_does_not_fit_is_found_and_left_out_of_the_dump() {
    let world = World::new();
    world.rewrite(2, |item| {
        drop(item.insert("aggregateVersion".to_owned(), AttributeValue::N("9".to_owned())))
    });
    assert_eq!(findings(&world), [code(2, "UNREADABLE_COMMIT")]);
    let dump = world.run(&["store", "dump"]);
    assert_eq!(dump.status.code(), Some(1));
    assert_eq!(stdout(&dump).lines().count(), 27);
    assert!(stderr(&dump).contains(&format!("not dumped: {} EVENT#0000000002", world.stream())));
    assert_eq!(world.json(&["store", "stats"]).0["unreadable"], 1);
}

#[test]
fn an_event_of_the_future_is_found() {
    let world = World::new();
    world.rewrite(1, |item| {
        let Some(AttributeValue::L(events)) = item.get_mut("events") else { panic!("no events") };
        let AttributeValue::M(event) = &mut events[0] else { panic!("no event") };
        event.insert("eventVersion".to_owned(), AttributeValue::N("2".to_owned()));
    });
    assert_eq!(findings(&world), [code(1, "UNREADABLE_EVENT")]);
}

/// Appends an event whose payload does not fit into its commit.
fn append_large(world: &World) {
    let blobs = Arc::new(BlobPayloads(Arc::new(DirectoryBlobs::new(world.data().join("content")))));
    let stream: StreamId = world.stream().parse().unwrap();
    let data = json!({ "changes": { "description": "x".repeat(200_000) }, "previousValues": {} });
    let draft = Draft {
        events: vec![NewEvent { event_type: "ProjectUpdated".to_owned(), event_version: 1, data }],
        command_id: Uuid::new_v4(),
        body_hash: String::new(),
        correlation_id: Uuid::new_v4(),
        user_id: "local".to_owned(),
        timestamp: Timestamp::from(chrono::Utc::now()),
        metadata: Map::new(),
    };
    world.meddle(|client| async move {
        let store = DynamoEventStore::new(client, TABLE).with_payloads(blobs);
        let history = store.load(&stream, Consistency::Strong).await.unwrap();
        store.append(&history, draft, &[]).await.unwrap();
    });
}

#[test]
fn a_payload_kept_outside_is_part_of_the_event_and_missed_when_it_is_gone() {
    let world = World::new();
    append_large(&world);
    let events = world.dump(&["--after", &format!("{}@5", world.stream())]);
    let description = |event: &Value| event["data"]["changes"]["description"].as_str().map(str::len);
    assert_eq!(events.iter().find_map(description), Some(200_000));
    assert_eq!(findings(&world), []);
    {
        let running = Running::on(&world.data());
        let endpoint = running.endpoint["dynamodbUrl"].as_str().unwrap();
        let remote = skafu(&["store", "verify", "--endpoint", endpoint]);
        assert!(remote.status.success(), "what is kept elsewhere is no damage: {}", stdout(&remote));
        assert!(stdout(&remote).starts_with("1 payloads are kept outside and were not read\n"));
        let dump = skafu(&["store", "dump", "--endpoint", endpoint]);
        assert!(stdout(&dump).contains(r#""data":null,"dataRef":{"sha256":"#));
        assert!(stderr(&dump).contains("have a dataRef"), "{}", stderr(&dump));
    }
    fs::remove_dir_all(world.data().join("content/local/payloads")).unwrap();
    assert_eq!(findings(&world), [code(6, "PAYLOAD_MISSING")]);
}
