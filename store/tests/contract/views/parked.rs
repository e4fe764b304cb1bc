//! Rows that nothing more is written to until somebody looks.

use serde_json::json;
use skafu_store::{Consistency, Index, IndexKey, Order, Row, ViewStore};

use super::row;

pub async fn suite(store: &dyn ViewStore) {
    let mut shown = row("parked", 2, true);
    let tombstone = row("parked-gone", 1, false);
    store.put(&shown, None).await.unwrap();
    store.put(&tombstone, None).await.unwrap();
    assert_eq!(parked(store).await, []);

    for row in [&shown, &tombstone] {
        store.put(&park(row), Some(row.version)).await.unwrap();
        assert_eq!(store.get(&row.key, Consistency::Strong).await.unwrap(), Some(park(row)));
    }
    // Where it stood otherwise, it still stands.
    assert_eq!(parked(store).await, [park(&shown), park(&tombstone)]);
    assert!(listed(store, Index::Second, &super::of_tenant("alice")).await.contains(&park(&shown)));

    shown.version = 5;
    store.put(&shown, Some(2)).await.unwrap();
    assert_eq!(parked(store).await, [park(&tombstone)]);
    assert_eq!(store.get(&shown.key, Consistency::Strong).await.unwrap(), Some(shown));
    store.put(&tombstone, Some(1)).await.unwrap();
    assert_eq!(parked(store).await, []);
}

fn park(row: &Row) -> Row {
    let mut parked = row.clone();
    let place = IndexKey { partition: "PARKED/demo".to_owned(), sort: row.key.partition.clone() };
    parked.indexes.push((Index::Parked, place));
    parked.parked = Some(json!({ "event": "4f3a", "reason": "the field name is missing" }));
    parked
}

async fn parked(store: &dyn ViewStore) -> Vec<Row> {
    listed(store, Index::Parked, "PARKED/demo").await
}

async fn listed(store: &dyn ViewStore, index: Index, list: &str) -> Vec<Row> {
    store.query(index, list, Order::Ascending, 100, None).await.unwrap().rows
}
