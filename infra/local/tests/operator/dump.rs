use std::fs;

use serde_json::{Value, json};

use crate::world::{World, stderr, stdout};

const PROJECT_EVENTS: [&str; 5] =
    ["ProjectCreated", "ProjectCreationStarted", "TemplateSelected", "TemplateRendered", "ProjectConfigured"];

/// The types of one stream's events, in the order of the dump.
fn types<'a>(events: &'a [Value], aggregate: &str) -> Vec<&'a str> {
    let of = events.iter().filter(|event| event["aggregateId"] == aggregate);
    of.map(|event| event["eventType"].as_str().unwrap()).collect()
}

#[test]
fn a_dump_has_every_event_each_stream_in_order() {
    let world = World::new();
    let events = world.dump(&[]);
    assert_eq!(events.len(), 28);
    assert_eq!(types(&events, &format!("PROJECT#{}", world.project)), PROJECT_EVENTS);
    assert_eq!(
        types(&events, &format!("REPOSITORY#{}", world.project)),
        ["RepositoryCreated", "RepositoryConfigured"]
    );
    let template = ["TemplateCreated", "TemplateUploaded", "TemplatePublished"];
    assert_eq!(types(&events, "TEMPLATE#sam-python-api"), template);

    let (whole, _) = world.json(&["store", "dump"]);
    assert_eq!(whole, json!({ "commits": 28, "events": events }));
    let local = world.dump(&["--tenant", "local"]);
    assert_eq!(
        local,
        events.iter().filter(|it| it["metadata"]["tenantId"] == "local").cloned().collect::<Vec<_>>()
    );
    assert_eq!(world.dump(&["--tenant", "nobody"]), Vec::<Value>::new());
}

#[test]
fn a_dump_goes_on_after_any_event_even_in_the_middle_of_a_commit() {
    let world = World::new();
    let events = world.dump(&[]);
    for (at, event) in events.iter().enumerate() {
        let tenant = event["metadata"]["tenantId"].as_str().unwrap();
        let aggregate = event["aggregateId"].as_str().unwrap();
        let position = format!("{tenant}/{aggregate}@{}", event["aggregateVersion"]);
        assert_eq!(world.dump(&["--after", &position]), events[at + 1..], "{position}");
    }
}

#[test]
fn an_interrupted_dump_goes_on_where_its_file_says() {
    let world = World::new();
    let events = world.dump(&[]);
    let file = world.file("position.json");
    let store = world.data().canonicalize().unwrap();
    let last = &events[3];
    let partition = format!(
        "{}/{}",
        last["metadata"]["tenantId"].as_str().unwrap(),
        last["aggregateId"].as_str().unwrap()
    );
    let sort = format!("EVENT#{:010}", last["metadata"]["commitVersion"].as_u64().unwrap());
    let interrupted = json!({
        "of": { "command": "dump", "store": store, "table": "skafu-events", "tenant": null },
        "segments": [{ "after": { "partition": partition, "sort": sort } }],
        "result": null
    });
    fs::write(&file, interrupted.to_string()).unwrap();
    let resume = ["--resume", file.to_str().unwrap()];
    let other = world.run(&[&["store", "dump", "--tenant", "acme"], &resume[..]].concat());
    assert!(stderr(&other).contains("remove it, or choose another with --resume"), "{}", stderr(&other));
    assert_eq!(world.dump(&resume), events[4..]);
    assert!(!file.exists(), "the next dump begins anew");
    assert_eq!(world.dump(&resume), events);
}

#[test]
fn stats_count_what_is_there() {
    let world = World::new();
    let (stats, _) = world.json(&["store", "stats"]);
    assert_eq!((&stats["streams"], &stats["commits"], &stats["events"]), (&json!(9), &json!(28), &json!(28)));
    assert_eq!(stats["eventsByKind"], json!({ "project": 5, "repository": 2, "template": 21 }));
    assert_eq!(stats["eventsByType"]["ProjectCreated"], 1);
    assert_eq!(stats["longestStream"], json!({ "stream": world.stream(), "events": 5 }));
    assert!(stats["largestCommit"]["bytes"].as_u64().is_some_and(|bytes| bytes > 500), "{stats}");
    let mut times: Vec<String> =
        world.dump(&[]).iter().map(|event| event["timestamp"].as_str().unwrap().to_owned()).collect();
    times.sort();
    assert_eq!((&stats["oldest"], &stats["newest"]), (&json!(times[0]), &json!(times[27])));
    let text = stdout(&world.run(&["store", "stats", "--segments", "1"]));
    assert!(text.contains("  ProjectCreationStarted  1\n"), "{text}");
}
