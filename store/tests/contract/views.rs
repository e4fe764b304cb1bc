//! What every view table does.

pub mod counters;
mod lists;
mod many;
mod parked;
pub mod scan;
mod transact;

use serde_json::{Value, json};
use skafu_store::{Consistency, Index, IndexKey, Order, PutError, Row, RowChange, RowKey, ViewStore};

fn row(id: &str, version: u64, indexed: bool) -> Row {
    let key = |partition: &str| IndexKey { partition: partition.to_owned(), sort: format!("2025#{id}") };
    let indexes = vec![(Index::First, key("acme/all")), (Index::Second, key("acme/alice"))];
    Row {
        key: RowKey { partition: format!("acme/{id}"), sort: "ROW".to_owned() },
        version,
        content: indexed.then(|| json!({ "id": id, "n": 1.5, "none": null })),
        indexes: if indexed { indexes } else { Vec::new() },
        parked: None,
    }
}

fn key(partition: &str, sort: &str) -> RowKey {
    RowKey { partition: partition.to_owned(), sort: sort.to_owned() }
}

/// A row that tells how far an aggregate is shown, and shows nothing.
fn gate(id: &str, version: u64) -> Row {
    Row { key: key(&format!("acme/{id}"), "GATE"), version, content: None, indexes: Vec::new(), parked: None }
}

/// A row beside it, in no index.
fn beside(key: &RowKey, content: Value) -> RowChange {
    RowChange::Put { key: key.clone(), content, indexes: Vec::new() }
}

async fn content(store: &dyn ViewStore, key: &RowKey) -> Option<Value> {
    store.get(key, Consistency::Strong).await.unwrap().and_then(|row| row.content)
}

/// Runs the whole suite on one store.
pub async fn suite(store: &dyn ViewStore) {
    a_row_is_written_only_over_the_version_that_was_read(store).await;
    a_tombstone_keeps_its_version_and_leaves_the_indexes(store).await;
    a_list_is_read_page_by_page(store).await;
    a_list_goes_on_behind_a_place_that_is_no_longer_in_it(store).await;
    transact::suite(store).await;
    counters::suite(store).await;
    many::suite(store).await;
    lists::suite(store).await;
    parked::suite(store).await;
}

async fn a_row_is_written_only_over_the_version_that_was_read(store: &dyn ViewStore) {
    let (old, new) = (row("gate", 1, true), row("gate", 3, true));
    assert_eq!(store.get(&old.key, Consistency::Strong).await.unwrap(), None);
    store.put(&old, None).await.unwrap();
    assert!(matches!(store.put(&old, None).await, Err(PutError::Conflict)));
    assert!(matches!(store.put(&new, Some(2)).await, Err(PutError::Conflict)));
    store.put(&new, Some(1)).await.unwrap();
    for consistency in [Consistency::Eventual, Consistency::Strong] {
        assert_eq!(store.get(&new.key, consistency).await.unwrap(), Some(new.clone()));
    }
}

async fn a_tombstone_keeps_its_version_and_leaves_the_indexes(store: &dyn ViewStore) {
    let tombstone = row("gate", 4, false);
    store.put(&tombstone, Some(3)).await.unwrap();
    assert_eq!(store.get(&tombstone.key, Consistency::Strong).await.unwrap(), Some(tombstone));
    let page = store.query(Index::First, "acme/all", Order::Ascending, 10, None).await.unwrap();
    assert_eq!(page.rows, []);
}

async fn a_list_is_read_page_by_page(store: &dyn ViewStore) {
    for id in ["c", "a", "e", "b", "d"] {
        store.put(&row(id, 1, true), None).await.unwrap();
    }
    for (order, expected) in [(Order::Ascending, "abcde"), (Order::Descending, "edcba")] {
        let (mut seen, mut after) = (String::new(), None);
        loop {
            let page = store.query(Index::Second, "acme/alice", order, 2, after.as_ref()).await.unwrap();
            assert!(page.rows.len() <= 2);
            seen.extend(page.rows.iter().map(|row| row.content.as_ref().unwrap()["id"].as_str().unwrap()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected);
    }
    let other = store.query(Index::Second, "acme/bob", Order::Ascending, 2, None).await.unwrap();
    assert_eq!(other.rows, []);
}

async fn a_list_goes_on_behind_a_place_that_is_no_longer_in_it(store: &dyn ViewStore) {
    for (order, list, expected) in [(Order::Ascending, "acme/up", "d"), (Order::Descending, "acme/down", "a")]
    {
        let row = |id: &str, version: u64| {
            let key = IndexKey { partition: list.to_owned(), sort: format!("2025#{id}") };
            Row { indexes: vec![(Index::First, key)], ..row(&format!("{list}-{id}"), version, true) }
        };
        for id in ["a", "b", "c", "d"] {
            store.put(&row(id, 1), None).await.unwrap();
        }
        let page = store.query(Index::First, list, order, 2, None).await.unwrap();
        // The row the page ended with leaves the list, and so does the one after it.
        for id in ["b", "c"] {
            store.put(&Row { indexes: vec![], ..row(id, 2) }, Some(1)).await.unwrap();
        }
        let rest = store.query(Index::First, list, order, 5, page.next.as_ref()).await.unwrap();
        let keys: Vec<_> = rest.rows.into_iter().map(|row| row.key).collect();
        assert_eq!(keys, [row(expected, 1).key]);
    }
}
