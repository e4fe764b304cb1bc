//! Snapshots: a shorter way to the same state, never another state.

use serde_json::json;
use skafu_store::{Consistency, EventStore, REMEMBERED_COMMANDS, Snapshot};
use uuid::Uuid;

use super::{draft, eventually, grow, grow_long, stream};

/// Runs the whole suite on one store.
pub async fn suite(store: &dyn EventStore) {
    without_a_snapshot_the_whole_history_is_read(store).await;
    a_snapshot_stands_for_what_came_before_it(store).await;
    another_schema_s_snapshot_is_no_snapshot(store).await;
    an_older_snapshot_never_replaces_a_newer_one(store).await;
    a_tail_longer_than_a_page_is_read_to_its_beginning(store).await;
    the_last_commands_are_remembered_past_the_snapshot(store).await;
}

fn snapshot(history: &skafu_store::History, schema: &str) -> Snapshot {
    Snapshot {
        version: history.version(),
        schema: schema.to_owned(),
        state: json!({ "n": history.version() }),
        recent: history.recent(),
    }
}

async fn without_a_snapshot_the_whole_history_is_read(store: &dyn EventStore) {
    let stream = stream("no-snapshot");
    let whole = grow(store, &stream, 2000, 30).await;
    assert_eq!(store.load_latest(&stream, Consistency::Strong, "s1").await.unwrap(), whole);
    eventually(&whole, async || store.load_latest(&stream, Consistency::Eventual, "s1").await.unwrap()).await;
    let empty = super::stream("nothing");
    assert_eq!(store.load_latest(&empty, Consistency::Eventual, "s1").await.unwrap().version(), 0);
}

async fn a_snapshot_stands_for_what_came_before_it(store: &dyn EventStore) {
    let stream = stream("snapshot");
    let history = grow(store, &stream, 2100, 5).await;
    store.save_snapshot(&stream, &snapshot(&history, "s1")).await.unwrap();
    let latest = store.load_latest(&stream, Consistency::Strong, "s1").await.unwrap();
    assert_eq!((latest.version(), latest.commits().len()), (5, 0));
    assert_eq!(latest.snapshot().unwrap().state, json!({ "n": 5 }));
    let commit = store.append(&latest, draft(2150, 2), &[]).await.unwrap();
    assert_eq!((commit.first_version, commit.last_version()), (6, 7));
    let latest = store.load_latest(&stream, Consistency::Strong, "s1").await.unwrap();
    assert_eq!((latest.version(), latest.snapshot_version()), (7, 5));
    assert_eq!(latest.commits(), [commit]);
    // What reads everything is not misled by the snapshot's item.
    assert_eq!(store.load(&stream, Consistency::Strong).await.unwrap().commits().len(), 6);
    assert_eq!(store.load_after(&stream, 5).await.unwrap().len(), 1);
}

async fn another_schema_s_snapshot_is_no_snapshot(store: &dyn EventStore) {
    let stream = stream("schema");
    let history = grow(store, &stream, 2200, 4).await;
    store.save_snapshot(&stream, &snapshot(&history, "old")).await.unwrap();
    let latest = store.load_latest(&stream, Consistency::Strong, "new").await.unwrap();
    assert_eq!((latest.snapshot(), latest.commits().len()), (None, 4));
    // The new code's snapshot takes its place, although it is not newer.
    store.save_snapshot(&stream, &snapshot(&history, "new")).await.unwrap();
    assert_eq!(store.load_latest(&stream, Consistency::Strong, "new").await.unwrap().snapshot_version(), 4);
}

async fn an_older_snapshot_never_replaces_a_newer_one(store: &dyn EventStore) {
    let stream = stream("older");
    let early = grow(store, &stream, 2300, 2).await;
    let late = grow(store, &stream, 2310, 2).await;
    store.save_snapshot(&stream, &snapshot(&late, "s1")).await.unwrap();
    store.save_snapshot(&stream, &snapshot(&early, "s1")).await.unwrap();
    assert_eq!(store.load_latest(&stream, Consistency::Strong, "s1").await.unwrap().snapshot_version(), 4);
}

async fn a_tail_longer_than_a_page_is_read_to_its_beginning(store: &dyn EventStore) {
    let stream = stream("long-tail");
    let history = grow(store, &stream, 2400, 3).await;
    store.save_snapshot(&stream, &snapshot(&history, "s1")).await.unwrap();
    grow(store, &stream, 2410, 40).await;
    eventually(&(43, 3, 40), async || {
        let latest = store.load_latest(&stream, Consistency::Eventual, "s1").await.unwrap();
        (latest.version(), latest.snapshot_version(), latest.commits().len())
    })
    .await;
}

async fn the_last_commands_are_remembered_past_the_snapshot(store: &dyn EventStore) {
    let stream = stream("remembered");
    let commits = REMEMBERED_COMMANDS as u128 + 6;
    let history = grow(store, &stream, 2500, commits).await;
    store.save_snapshot(&stream, &snapshot(&history, "s1")).await.unwrap();
    grow(store, &stream, 2600, 1).await;
    let latest = store.load_latest(&stream, Consistency::Strong, "s1").await.unwrap();
    let accepted = |command: u128| latest.accepted(Uuid::from_u128(command), "alice");
    let found = accepted(2500 + 6).unwrap();
    assert_eq!((found.last_version(), found.had_body("hash"), found.had_body("other")), (7, true, false));
    assert_eq!(accepted(2600).unwrap().last_version(), commits as u64 + 1);
    assert_eq!(accepted(2500 + 5), None, "outside the window");
    assert_eq!(latest.accepted(Uuid::from_u128(2506), "bob"), None);
}

/// Ten thousand events and more, in commits as large as they come.
pub async fn a_very_long_history_is_read_whole(store: &dyn EventStore) {
    let stream = stream("very-long");
    grow_long(store, &stream, 5000, 101, 100).await;
    let whole = store.load(&stream, Consistency::Strong).await.unwrap();
    assert_eq!((whole.version(), whole.commits().len(), whole.events().count()), (10_100, 101, 10_100));
    // Another schema's snapshot is no help.
    eventually(&whole, async || store.load_latest(&stream, Consistency::Eventual, "s1").await.unwrap()).await;
    store.save_snapshot(&stream, &snapshot(&whole, "s1")).await.unwrap();
    store.append(&whole, draft(5999, 1), &[]).await.unwrap();
    eventually(&(10_101, 10_100, 1), async || {
        let latest = store.load_latest(&stream, Consistency::Eventual, "s1").await.unwrap();
        (latest.version(), latest.snapshot_version(), latest.commits().len())
    })
    .await;
}
