//! How far the faults of the proofs go: a store may be behind, silent or down, never wrong.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

#[allow(dead_code, reason = "each test binary uses a part")]
mod contract;

use contract::{draft, grow, stream};
use serde_json::json;
use skafu_store::faults::{Faults, FaultyStore};
use skafu_store::{Consistency, EventStore, MemoryEventStore, Snapshot};

#[tokio::test]
async fn an_eventual_read_is_a_prefix_and_a_strong_one_is_whole() {
    let store = FaultyStore::new(MemoryEventStore::default());
    let stream = stream("prefix");
    let whole = grow(&store, &stream, 1, 9).await;
    let snapshot = |version: usize| Snapshot {
        version: version as u64,
        schema: "s1".to_owned(),
        state: json!(version),
        recent: whole.recent(),
    };
    for version in [3, 6] {
        store.save_snapshot(&stream, &snapshot(version)).await.unwrap();
    }
    store.suffer(Faults { lag: 9, lag_varies: true, snapshots_gone: 5, ..Faults::default() });
    let mut versions = std::collections::BTreeSet::new();
    for _ in 0..500 {
        let strong = store.load_latest(&stream, Consistency::Strong, "s1").await.unwrap();
        assert_eq!(strong.version(), 9);
        let read = store.load_latest(&stream, Consistency::Eventual, "s1").await.unwrap();
        let base = read.snapshot_version() as usize;
        assert_eq!(read.commits(), &whole.commits()[base..read.version() as usize]);
        versions.insert(read.version());
    }
    assert_eq!(versions, (0..=9).collect());
}

#[tokio::test]
async fn a_request_that_fails_does_nothing_and_a_lost_answer_loses_nothing() {
    let store = FaultyStore::new(MemoryEventStore::default());
    let stream = stream("lost");
    let empty = store.load(&stream, Consistency::Strong).await.unwrap();
    store.suffer(Faults { outages: 1, ..Faults::default() });
    store.append(&empty, draft(1, 1), &[]).await.unwrap_err();
    assert_eq!(store.all_commits(), []);
    store.suffer(Faults { lost_acks: 1, ..Faults::default() });
    store.append(&empty, draft(1, 1), &[]).await.unwrap_err();
    assert_eq!(store.all_commits().len(), 1);
}
