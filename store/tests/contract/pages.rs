//! A stream's commits page by page, newest first.

use serde_json::json;
use skafu_events::{Commit, StreamId};
use skafu_store::{Consistency, EventStore, Snapshot};

use super::{draft, grow, stream};

/// Runs the whole suite on one store.
pub async fn suite(store: &dyn EventStore) {
    pages_tell_the_whole_history_newest_first(store).await;
    a_page_begins_below_the_version_that_is_asked_for(store).await;
    what_is_no_commit_is_on_no_page(store).await;
    commits_too_large_for_one_answer_are_one_page(store).await;
}

async fn page(store: &dyn EventStore, stream: &StreamId, before: Option<u64>, limit: u32) -> Vec<Commit> {
    store.page_before(stream, before, limit).await.unwrap()
}

/// Commits of 1, 3, 2, 1 and 4 events.
async fn five_commits(store: &dyn EventStore, stream: &StreamId) -> Vec<Commit> {
    for (command, events) in (7000..).zip([1, 3, 2, 1, 4]) {
        let history = store.load(stream, Consistency::Strong).await.unwrap();
        store.append(&history, draft(command, events), &[]).await.unwrap();
    }
    let mut commits = store.load(stream, Consistency::Strong).await.unwrap().commits().to_vec();
    commits.reverse();
    commits
}

async fn pages_tell_the_whole_history_newest_first(store: &dyn EventStore) {
    let stream = stream("pages");
    let commits = five_commits(store, &stream).await;
    for limit in 1..=7 {
        let (mut told, mut before) = (Vec::new(), None);
        loop {
            let page = page(store, &stream, before, limit).await;
            assert!((1..=limit as usize).contains(&page.len()), "{} of {limit}", page.len());
            before = page.last().map(|commit| commit.first_version);
            told.extend(page);
            if before == Some(1) {
                break;
            }
        }
        assert_eq!(told, commits, "by {limit}");
    }
}

async fn a_page_begins_below_the_version_that_is_asked_for(store: &dyn EventStore) {
    let stream = stream("below");
    let commits = five_commits(store, &stream).await;
    // The third commit holds the versions 5 and 6.
    for (before, newest) in [(12, 0), (11, 0), (9, 0), (8, 1), (7, 2), (6, 2), (5, 3), (2, 4)] {
        assert_eq!(page(store, &stream, Some(before), 10).await, commits[newest..], "before {before}");
    }
    for before in [0, 1] {
        assert_eq!(page(store, &stream, Some(before), 10).await, []);
    }
    // Far beyond any version there will be, and any length their keys have.
    for before in [9_999_999_999, 10_000_000_000, 18_000_000_000, u64::MAX] {
        assert_eq!(page(store, &stream, Some(before), 2).await, commits[..2], "before {before}");
    }
}

async fn what_is_no_commit_is_on_no_page(store: &dyn EventStore) {
    let stream = stream("only-commits");
    assert_eq!(page(store, &stream, None, 3).await, []);
    let history = grow(store, &stream, 7100, 2).await;
    let (version, recent) = (history.version(), history.recent());
    let snapshot = Snapshot { version, schema: "s1".to_owned(), state: json!({}), recent };
    store.save_snapshot(&stream, &snapshot).await.unwrap();
    assert_eq!(page(store, &stream, None, 1).await, history.commits()[1..]);
    assert_eq!(page(store, &stream, None, 3).await.len(), 2);
    assert_eq!(page(store, &stream, None, 0).await, []);
}

async fn commits_too_large_for_one_answer_are_one_page(store: &dyn EventStore) {
    let stream = stream("large-page");
    for command in 7200..7212 {
        let history = store.load(&stream, Consistency::Strong).await.unwrap();
        let mut draft = draft(command, 1);
        draft.events[0].data = json!("x".repeat(150 * 1024));
        store.append(&history, draft, &[]).await.unwrap();
    }
    let versions = page(store, &stream, None, 11).await;
    let versions: Vec<u64> = versions.iter().map(|commit| commit.first_version).collect();
    assert_eq!(versions, (2..=12).rev().collect::<Vec<_>>());
}
