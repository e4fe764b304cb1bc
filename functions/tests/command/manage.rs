//! What owners do with their projects, and what becomes of the names.

use std::sync::Arc;

use crate::support::{Answer, Saga, World, ada, alice, bob, project, types};
use serde_json::{Value, json};
use skafu_events::AggregateKind;
use skafu_forge::repositories::BundleStore;

/// Alice's project, ready.
async fn ready(world: &World, name: &str) -> String {
    let id = world.create_project(&alice(), name, "tiny").await;
    Saga::new(world, Arc::new(BundleStore::new(world.blobs.clone())), &id).whole().await;
    id
}

/// A project of Alice's whose creation failed.
async fn failed(world: &World, name: &str) -> String {
    let id = world.create_project(&alice(), name, "tiny").await;
    let saga = Saga::new(world, Arc::new(BundleStore::new(world.blobs.clone())), &id);
    saga.undo(&Saga::failure("SelectTemplate", "Rejected", "no luck")).await;
    id
}

async fn rename(world: &World, id: &str, name: &str) -> Answer {
    world.send(&alice(), "project", "UpdateProject", json!({ "projectId": id, "name": name })).await
}

async fn send(world: &World, command: &str, id: &str) -> Answer {
    let data = match command {
        "DeleteProject" => json!({ "projectId": id, "reason": "over" }),
        _ => json!({ "projectId": id }),
    };
    world.send(&alice(), "project", command, data).await
}

async fn create(world: &World, name: &str) -> Answer {
    world.send(&bob(), "project", "CreateProject", project(name, "tiny")).await
}

#[track_caller]
fn done(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn a_project_is_changed_archived_restored_and_deleted() {
    let world = World::new().await;
    let id = ready(&world, "Shop").await;
    done(&rename(&world, &id, "Store").await);
    for command in ["ArchiveProject", "RestoreProject", "DeleteProject"] {
        done(&send(&world, command, &id).await);
    }
    let commits = world.commits(AggregateKind::Project, &id);
    let all: Vec<_> = commits.iter().flat_map(types).collect();
    let expected = ["ProjectUpdated", "ProjectArchived", "ProjectRestored", "ProjectDeleted"];
    assert_eq!(all[all.len() - 4..], expected);
    let refused = rename(&world, &id, "Again").await;
    refused.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_rename_frees_the_old_name_and_holds_the_new_one() {
    let world = World::new().await;
    let id = ready(&world, "Shop").await;
    done(&rename(&world, &id, "Store").await);
    create(&world, "STORE").await.refused(409, "NAME_TAKEN");
    assert_eq!(create(&world, "shop").await.status, 202);
    rename(&world, &id, "Shop").await.refused(409, "NAME_TAKEN");
    // A name of one's own may change its case.
    done(&rename(&world, &id, "store").await);
    create(&world, "Store").await.refused(409, "NAME_TAKEN");
}

#[tokio::test]
async fn a_refused_rename_changes_nothing() {
    let world = World::new().await;
    let id = ready(&world, "Shop").await;
    assert_eq!(create(&world, "Store").await.status, 202);
    let commits = world.store.all_commits();
    rename(&world, &id, "Store").await.refused(409, "NAME_TAKEN");
    assert_eq!(world.store.all_commits(), commits);
    create(&world, "Shop").await.refused(409, "NAME_TAKEN");
}

#[tokio::test]
async fn an_archived_project_keeps_its_name_and_a_deleted_one_frees_it() {
    let world = World::new().await;
    let id = ready(&world, "Shop").await;
    done(&send(&world, "ArchiveProject", &id).await);
    create(&world, "Shop").await.refused(409, "NAME_TAKEN");
    done(&send(&world, "DeleteProject", &id).await);
    assert_eq!(create(&world, "Shop").await.status, 202);
    // Deleting it once more does not take the name away from whoever has it now.
    done(&send(&world, "DeleteProject", &id).await);
    create(&world, "Shop").await.refused(409, "NAME_TAKEN");
}

#[tokio::test]
async fn deleting_a_failed_project_does_not_free_a_name_that_is_somebody_else_s_by_now() {
    let world = World::new().await;
    let id = failed(&world, "Shop").await;
    assert_eq!(create(&world, "Shop").await.status, 202);
    done(&send(&world, "DeleteProject", &id).await);
    create(&world, "Shop").await.refused(409, "NAME_TAKEN");
}

#[tokio::test]
async fn a_project_renamed_while_it_is_being_created_frees_its_present_name_when_that_fails() {
    let world = World::new().await;
    let id = world.create_project(&alice(), "Shop", "tiny").await;
    done(&rename(&world, &id, "Store").await);
    let saga = Saga::new(&world, Arc::new(BundleStore::new(world.blobs.clone())), &id);
    saga.undo(&Saga::failure("SelectTemplate", "Rejected", "no luck")).await;
    for name in ["Shop", "Store"] {
        assert_eq!(create(&world, name).await.status, 202, "{name}");
    }
}

#[tokio::test]
async fn what_does_not_suit_the_project_s_state_is_refused_by_its_rule() {
    let world = World::new().await;
    let draft = world.create_project(&alice(), "Draft", "tiny").await;
    let (ready, failed) = (ready(&world, "Ready").await, failed(&world, "Failed").await);
    for (command, id, rule) in [
        ("ArchiveProject", &draft, "ready"),
        ("RestoreProject", &draft, "archived"),
        ("ArchiveProject", &failed, "ready"),
        ("RestoreProject", &failed, "archived"),
    ] {
        let refused = send(&world, command, id).await;
        refused.refused(422, "BUSINESS_RULE_VIOLATION");
        assert_eq!(refused.body["rule"], rule, "{command}");
    }
    done(&send(&world, "ArchiveProject", &ready).await);
    assert_eq!(rename(&world, &ready, "Other").await.body["rule"], "active");
}

#[tokio::test]
async fn administrators_manage_everything_and_others_only_their_own() {
    let world = World::new().await;
    let id = ready(&world, "Shop").await;
    let data: Value = json!({ "projectId": id });
    world.send(&bob(), "project", "ArchiveProject", data.clone()).await.refused(403, "FORBIDDEN");
    done(&world.send(&ada(), "project", "ArchiveProject", data.clone()).await);
    done(&world.send(&alice(), "project", "RestoreProject", data).await);
}

/// What a creation may not ask for, a change may not either.
#[tokio::test]
async fn a_configuration_is_held_to_the_same_limits_when_it_is_changed() {
    let world = World::new().await;
    let id = world.create_project(&alice(), "My Shop", "tiny").await;
    let many: Vec<_> = (0..21).map(|at| format!("feature-{at}")).collect();
    let variables: serde_json::Map<_, _> = (0..51).map(|at| (format!("V{at}"), json!("1"))).collect();
    let cases = [
        (json!({ "features": many }), "/data/configuration/features"),
        (json!({ "features": [""] }), "/data/configuration/features/0"),
        (json!({ "features": ["Not So"] }), "/data/configuration/features/0"),
        (json!({ "environment": variables }), "/data/configuration/environment"),
        (json!({ "environment": { "1st": "1" } }), "/data/configuration/environment"),
        (json!({ "region": "moon" }), "/data/configuration/region"),
    ];
    for (configuration, field) in cases {
        let created = json!({ "name": "Other", "templateId": "tiny", "configuration": configuration });
        let changed = json!({ "projectId": id, "configuration": configuration });
        for (command, data) in [("CreateProject", created), ("UpdateProject", changed)] {
            let answer = world.send(&alice(), "project", command, data).await;
            assert_eq!(answer.status, 400, "{command} {configuration}: {}", answer.body);
            let fields: Vec<_> =
                answer.body["violations"].as_array().unwrap().iter().map(|it| &it["field"]).collect();
            assert!(fields.contains(&&json!(field)), "{command} {configuration}: {fields:?}");
        }
    }
    let fine = json!({ "projectId": id, "configuration": { "features": ["database"], "environment": { "A": "1" } } });
    assert_eq!(world.send(&alice(), "project", "UpdateProject", fine).await.status, 200);
}
