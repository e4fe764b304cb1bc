//! What happens to a command whose sender has seen an older version of its target.

use crate::support::{Answer, Faults, World, alice, text_files};
use serde_json::{Value, json};
use skafu_events::AggregateKind;
use uuid::Uuid;

/// A world with a project at version 1.
async fn shop() -> (World, String) {
    let world = World::new().await;
    let id = world.create_project(&alice(), "Shop", "tiny").await;
    (world, id)
}

fn change(id: &str, changes: Value) -> Value {
    let mut data = changes;
    data["projectId"] = json!(id);
    json!({ "commandId": Uuid::now_v7(), "data": data })
}

async fn send(world: &World, body: &Value) -> Answer {
    world.post(&alice(), "project", "UpdateProject", body).await
}

/// Somebody else's change meanwhile.
async fn meanwhile(world: &World, id: &str, changes: Value) {
    assert_eq!(send(world, &change(id, changes)).await.status, 200);
}

/// A change by somebody who has seen `version`.
async fn expecting(world: &World, id: &str, version: u64, strategy: Option<&str>, changes: Value) -> Answer {
    let mut body = change(id, changes);
    body["expectedVersion"] = json!(version);
    if let Some(strategy) = strategy {
        body["conflictStrategy"] = json!(strategy);
    }
    send(world, &body).await
}

fn last(world: &World, id: &str) -> Value {
    world.commits(AggregateKind::Project, id).last().unwrap().events[0].data["changes"].clone()
}

#[track_caller]
fn conflicts(answer: &Answer, current: u64, changed: &[&str]) {
    answer.refused(409, "CONFLICT");
    assert_eq!(answer.body["currentVersion"], current);
    match changed {
        [] => assert!(answer.body.get("changedFields").is_none(), "{}", answer.body),
        changed => assert_eq!(answer.body["changedFields"], json!(changed)),
    }
}

#[tokio::test]
async fn a_sender_who_has_seen_the_last_version_is_in_no_conflict() {
    let (world, id) = shop().await;
    for (version, strategy) in
        [(1, None), (2, Some("reject")), (3, Some("merge")), (4, Some("lastWriteWins"))]
    {
        let answer =
            expecting(&world, &id, version, strategy, json!({ "description": version.to_string() })).await;
        assert_eq!((answer.status, &answer.body["version"]), (200, &json!(version + 1)), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_conflict_says_where_the_target_stands_and_what_has_changed() {
    let (world, id) = shop().await;
    meanwhile(&world, &id, json!({ "description": "a", "configuration": { "region": "us-east-1" } })).await;
    meanwhile(&world, &id, json!({ "name": "Store" })).await;
    for strategy in [None, Some("reject")] {
        let refused = expecting(&world, &id, 1, strategy, json!({ "description": "b" })).await;
        conflicts(&refused, 3, &["configuration.region", "description", "name"]);
        let refused = expecting(&world, &id, 2, strategy, json!({ "description": "b" })).await;
        conflicts(&refused, 3, &["name"]);
    }
    assert_eq!(world.commits(AggregateKind::Project, &id).len(), 3);
}

#[tokio::test]
async fn what_changed_and_changed_back_has_not_changed() {
    let (world, id) = shop().await;
    meanwhile(&world, &id, json!({ "name": "Store" })).await;
    meanwhile(&world, &id, json!({ "name": "Shop" })).await;
    conflicts(&expecting(&world, &id, 1, None, json!({ "name": "Mine" })).await, 3, &[]);
    let merged = expecting(&world, &id, 1, Some("merge"), json!({ "name": "Mine" })).await;
    assert_eq!(merged.status, 200);
}

#[tokio::test]
async fn changes_to_different_fields_are_merged() {
    let (world, id) = shop().await;
    meanwhile(&world, &id, json!({ "name": "Store", "configuration": { "region": "us-east-1" } })).await;
    let mine = json!({ "description": "b", "configuration": { "runtime": "python3.13" } });
    let merged = expecting(&world, &id, 1, Some("merge"), mine).await;
    assert_eq!((merged.status, &merged.body["version"]), (200, &json!(3)), "{}", merged.body);
    let changes = last(&world, &id);
    assert_eq!(changes["configuration"]["region"], "us-east-1", "theirs is kept");
    assert_eq!((&changes["configuration"]["runtime"], changes.get("name")), (&json!("python3.13"), None));
}

#[tokio::test]
async fn changes_to_the_same_field_are_not_merged() {
    let (world, id) = shop().await;
    meanwhile(&world, &id, json!({ "description": "a", "name": "Store" })).await;
    for mine in ["b", "a"] {
        // Not even to the same value: whether both meant the same is not for the store to say.
        let mine = json!({ "description": mine, "configuration": { "region": "us-east-1" } });
        let refused = expecting(&world, &id, 1, Some("merge"), mine).await;
        conflicts(&refused, 2, &["description", "name"]);
    }
    assert_eq!(world.commits(AggregateKind::Project, &id).len(), 2);
}

#[tokio::test]
async fn variables_are_one_field_and_lists_are_too() {
    let (world, id) = shop().await;
    let configuration = |configuration: Value| json!({ "configuration": configuration });
    meanwhile(&world, &id, configuration(json!({ "environment": { "A": "1" }, "features": ["a"] }))).await;
    let changed = ["configuration.environment", "configuration.features"];
    for mine in [
        json!({ "environment": { "B": "2" } }),
        json!({ "environment": {} }),
        json!({ "features": ["b"] }),
        json!({ "features": [] }),
    ] {
        let refused = expecting(&world, &id, 1, Some("merge"), configuration(mine)).await;
        conflicts(&refused, 2, &changed);
    }
}

#[tokio::test]
async fn the_last_write_wins_if_its_sender_says_so() {
    let (world, id) = shop().await;
    meanwhile(&world, &id, json!({ "description": "a" })).await;
    let won = expecting(&world, &id, 1, Some("lastWriteWins"), json!({ "description": "b" })).await;
    assert_eq!((won.status, &won.body["version"]), (200, &json!(3)));
    assert_eq!(last(&world, &id), json!({ "description": "b" }));
}

#[tokio::test]
async fn nobody_has_seen_a_version_that_is_not_there() {
    let (world, id) = shop().await;
    for strategy in [None, Some("reject"), Some("merge"), Some("lastWriteWins")] {
        let refused = expecting(&world, &id, 7, strategy, json!({ "description": "b" })).await;
        conflicts(&refused, 1, &[]);
    }
}

#[tokio::test]
async fn a_strategy_the_command_does_not_allow_is_not_valid() {
    let (world, id) = shop().await;
    let upload = json!({ "templateId": "tiny", "files": text_files(&[("a", "b")]) });
    let data = json!({ "projectId": id });
    for (context, command, data) in [
        ("project", "ArchiveProject", &data),
        ("project", "RestoreProject", &data),
        ("template", "UploadTemplateFiles", &upload),
    ] {
        for (strategy, status) in [("merge", 400), ("lastWriteWins", 400), ("unheardOf", 400), ("reject", 0)]
        {
            let body = json!({ "commandId": Uuid::now_v7(), "data": data, "conflictStrategy": strategy });
            let answer = world.post(&alice(), context, command, &body).await;
            if status == 400 {
                answer.refused(400, "VALIDATION_ERROR");
                assert_eq!(answer.violations()[0].0, "/conflictStrategy");
            } else {
                assert_ne!(answer.status, 400, "{}", answer.body);
            }
        }
    }
}

#[tokio::test]
async fn a_version_from_before_the_snapshot_can_still_be_compared_with() {
    let (world, id) = shop().await;
    for n in 0..30 {
        meanwhile(&world, &id, json!({ "description": n.to_string() })).await;
    }
    conflicts(&expecting(&world, &id, 2, None, json!({ "name": "Mine" })).await, 31, &["description"]);
    let refused = expecting(&world, &id, 2, Some("merge"), json!({ "description": "mine" })).await;
    conflicts(&refused, 31, &["description"]);
    let merged = expecting(&world, &id, 2, Some("merge"), json!({ "name": "Mine" })).await;
    assert_eq!((merged.status, &merged.body["version"]), (200, &json!(32)));
}

#[tokio::test]
async fn a_read_that_lags_neither_causes_a_conflict_nor_hides_one() {
    let (world, id) = shop().await;
    meanwhile(&world, &id, json!({ "description": "a" })).await;
    world.store.suffer(Faults { lag: 1, ..Faults::default() });
    conflicts(
        &expecting(&world, &id, 1, Some("merge"), json!({ "description": "b" })).await,
        2,
        &["description"],
    );
    let answer = expecting(&world, &id, 2, None, json!({ "description": "b" })).await;
    assert_eq!((answer.status, &answer.body["version"]), (200, &json!(3)), "{}", answer.body);
}

#[tokio::test]
async fn a_merge_does_not_make_a_command_fit_that_the_rules_forbid() {
    let (world, id) = shop().await;
    let error = json!({ "code": "Rejected", "message": "no" });
    let failure = json!({
        "projectId": id, "attempt": 1, "failedStep": "SelectTemplate", "error": error
    });
    let saga = skafu_domain::Principal::saga(crate::support::acme());
    world.send_as(saga, "project", "FailProjectCreation", failure).await.unwrap();
    let refused = expecting(&world, &id, 1, Some("merge"), json!({ "description": "b" })).await;
    refused.refused(422, "BUSINESS_RULE_VIOLATION");
    assert_eq!(refused.body["rule"], "active");
}
