//! Rows of counters, which many add to.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use skafu_store::{Consistency, PutError, RowChange, RowKey, ViewStore};

use super::{content, gate, key};

const WRITERS: usize = 8;
const ADDS: u64 = 12;

pub async fn suite(store: &dyn ViewStore) {
    counters_add_up_from_zero_and_below_it(store).await;
    adding_nothing_changes_nothing(store).await;
}

fn add(key: &RowKey, counters: &[(&str, i64)]) -> RowChange {
    let counters = counters.iter().map(|(name, by)| ((*name).to_owned(), *by));
    RowChange::Add { key: key.clone(), counters: BTreeMap::from_iter(counters) }
}

async fn counters_add_up_from_zero_and_below_it(store: &dyn ViewStore) {
    let sum = key("acme/counted", "SUM");
    let (up, down) = ("projects", "ready now/by #owner");
    let steps: [(&[(&str, i64)], Value); 6] = [
        (&[(up, 2)], json!({ up: 2 })),
        (&[(up, 3), (down, -1)], json!({ up: 5, down: -1 })),
        (&[(down, -4)], json!({ up: 5, down: -5 })),
        (&[(up, -5), (down, 6)], json!({ up: 0, down: 1 })),
        (&[(up, i64::MIN + 1)], json!({ up: i64::MIN + 1, down: 1 })),
        (&[("zero", 0)], json!({ up: i64::MIN + 1, down: 1, "zero": 0 })),
    ];
    let mut version = None;
    for (counters, expected) in steps {
        let next = version.map_or(1, |version| version + 1);
        store.transact(&gate("counted", next), version, &[add(&sum, counters)]).await.unwrap();
        version = Some(next);
        for consistency in [Consistency::Eventual, Consistency::Strong] {
            let row = store.get(&sum, consistency).await.unwrap().unwrap();
            assert_eq!((row.version, row.content), (0, Some(expected.clone())));
        }
    }
    let many = store.get_many(std::slice::from_ref(&sum), Consistency::Strong).await.unwrap();
    assert_eq!(many, [store.get(&sum, Consistency::Strong).await.unwrap()]);
    store.transact(&gate("counted", 99), version, &[RowChange::Delete(sum.clone())]).await.unwrap();
    store.transact(&gate("counted", 100), Some(99), &[add(&sum, &[(up, 1)])]).await.unwrap();
    assert_eq!(content(store, &sum).await, Some(json!({ up: 1 })));
}

async fn adding_nothing_changes_nothing(store: &dyn ViewStore) {
    let sum = key("acme/nothing", "SUM");
    store.transact(&gate("nothing", 1), None, &[add(&sum, &[])]).await.unwrap();
    assert_eq!(store.get(&sum, Consistency::Strong).await.unwrap(), None);
    assert!(store.get(&gate("nothing", 1).key, Consistency::Strong).await.unwrap().is_some());
}

/// Each writer counts on behind a gate of his own, the sum is one row.
pub async fn many_writers(store: Arc<dyn ViewStore>) {
    let sum = key("acme/many", "SUM");
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (store, sum) = (Arc::clone(&store), sum.clone());
            tokio::spawn(async move { count(&*store, writer, &sum).await })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let added = (WRITERS as u64 * (1..=ADDS).sum::<u64>()) as i64;
    loop {
        match store.get(&sum, Consistency::Strong).await {
            Ok(row) => {
                let expected = json!({ "sum": added, "debt": -added });
                return assert_eq!(row.and_then(|row| row.content), Some(expected));
            }
            Err(error) => assert!(error.is_retryable()),
        }
    }
}

/// Whoever is told of a failure or a conflict reads how far he is, and goes on from there.
async fn count(store: &dyn ViewStore, writer: usize, sum: &RowKey) {
    let row = |version| gate(&format!("many-{writer}"), version);
    loop {
        let Ok(stands) = store.get(&row(0).key, Consistency::Strong).await else { continue };
        let version = stands.map(|row| row.version);
        let next = version.unwrap_or(0) + 1;
        if next > ADDS {
            return;
        }
        let by = next as i64;
        match store.transact(&row(next), version, &[add(sum, &[("sum", by), ("debt", -by)])]).await {
            Ok(()) | Err(PutError::Conflict) => {}
            Err(PutError::Store(error)) => assert!(error.is_retryable(), "{error}"),
        }
    }
}
