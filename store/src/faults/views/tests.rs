use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::{FaultyViews, ViewFaults};
use crate::{Consistency, MemoryViewStore, PutError, Row, RowChange, RowKey, Segment, ViewStore};

fn key(sort: &str) -> RowKey {
    RowKey { partition: "acme/demo".to_owned(), sort: sort.to_owned() }
}

fn row(version: u64) -> Row {
    Row { key: key("ROW"), version, content: Some(json!(version)), indexes: Vec::new(), parked: None }
}

fn add_one() -> RowChange {
    RowChange::Add { key: key("SUM"), counters: BTreeMap::from([("n".to_owned(), 1)]) }
}

async fn version(views: &dyn ViewStore) -> Option<u64> {
    views.get(&key("ROW"), Consistency::Strong).await.unwrap().map(|row| row.version)
}

#[tokio::test]
async fn an_eventual_read_may_show_what_a_row_lately_was_and_a_strong_one_never() {
    let views = FaultyViews::new(MemoryViewStore::default());
    views.suffer(ViewFaults { lag: 2, stale: 50, ..ViewFaults::default() });
    views.put(&row(1), None).await.unwrap();
    for version in 2..=5 {
        views.transact(&row(version), Some(version - 1), &[add_one()]).await.unwrap();
    }
    let keys = [key("ROW"), key("SUM"), key("NONE")];
    let (mut alone, mut together) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..200 {
        let strong = views.get_many(&keys, Consistency::Strong).await.unwrap();
        assert_eq!((strong[0].clone(), strong[2].clone()), (Some(row(5)), None));
        alone.insert(views.get(&keys[0], Consistency::Eventual).await.unwrap().unwrap().version);
        let read = views.get_many(&keys, Consistency::Eventual).await.unwrap();
        let sum = read[1].as_ref().and_then(|row| row.content.as_ref()?["n"].as_i64()).unwrap();
        together.insert((read[0].as_ref().unwrap().version, sum));
    }
    assert_eq!(alone, BTreeSet::from([3, 4, 5]));
    let any = |version| [(version, 2), (version, 3), (version, 4)];
    assert_eq!(together, [3, 4, 5].into_iter().flat_map(any).collect());
}

#[tokio::test]
async fn a_request_that_fails_does_nothing_and_a_lost_answer_loses_nothing() {
    let views = FaultyViews::new(MemoryViewStore::default());
    views.suffer(ViewFaults { failing: 100, ..ViewFaults::default() });
    let failed = views.put(&row(1), None).await;
    assert!(matches!(failed, Err(PutError::Store(error)) if error.is_retryable()));
    views.scan(Segment::WHOLE, None, 10).await.unwrap_err();
    assert_eq!(version(views.inner()).await, None);
    views.suffer(ViewFaults { losing: 100, ..ViewFaults::default() });
    let lost = views.transact(&row(1), None, &[add_one()]).await;
    assert!(matches!(lost, Err(PutError::Store(error)) if error.is_retryable()));
    assert_eq!(version(&views).await, Some(1));
    assert!(matches!(views.put(&row(1), None).await, Err(PutError::Conflict)));
}

#[tokio::test]
async fn what_goes_wrong_follows_from_the_seed() {
    let mut runs = BTreeSet::new();
    for seed in [1, 1, 2] {
        let views = FaultyViews::new(MemoryViewStore::default());
        views.seed(seed);
        views.suffer(ViewFaults { failing: 50, ..ViewFaults::default() });
        let mut run = Vec::new();
        for _ in 0..64 {
            run.push(views.get(&key("ROW"), Consistency::Strong).await.is_ok());
        }
        runs.insert(run);
    }
    assert_eq!(runs.len(), 2);
}

#[tokio::test]
async fn a_crash_comes_when_it_is_due_once_and_before_the_effect_or_after_it() {
    let mut effects = BTreeSet::new();
    for seed in 0..16 {
        let views = Arc::new(FaultyViews::new(MemoryViewStore::default()));
        views.seed(seed);
        views.suffer(ViewFaults { crash_in: Some(2), ..ViewFaults::default() });
        let writer = tokio::spawn({
            let views = Arc::clone(&views);
            async move {
                views.put(&row(1), None).await.unwrap();
                views.put(&row(2), Some(1)).await.unwrap();
                views.put(&row(3), Some(2)).await.unwrap();
            }
        });
        tokio::time::timeout(Duration::from_secs(5), views.crashed()).await.unwrap();
        assert!(!writer.is_finished());
        writer.abort();
        assert!(writer.await.unwrap_err().is_cancelled());
        effects.insert(version(&*views).await);
    }
    assert_eq!(effects, BTreeSet::from([Some(2), Some(3)]));
}
