//! What every view table does.

pub mod counters;
mod lists;
mod many;
mod parked;
pub mod scan;
mod transact;

use serde_json::{Value, json};
use skafu_store::{Consistency, Cursor, Index, IndexKey, Order, PutError, Row, RowChange, RowKey, ViewStore};

use super::{eventually, tenant};

/// A partition of the tenant whose turn it is.
fn of_tenant(name: &str) -> String {
    format!("{}/{name}", tenant())
}

fn row(id: &str, version: u64, indexed: bool) -> Row {
    let key = |name: &str| IndexKey { partition: of_tenant(name), sort: format!("2025#{id}") };
    let indexes = vec![(Index::First, key("all")), (Index::Second, key("alice"))];
    Row {
        key: RowKey { partition: of_tenant(id), sort: "ROW".to_owned() },
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
    let new = Some(new);
    let key = row("gate", 3, true).key;
    assert_eq!(store.get(&key, Consistency::Strong).await.unwrap(), new);
    eventually(&new, async || store.get(&key, Consistency::Eventual).await.unwrap()).await;
}

async fn a_tombstone_keeps_its_version_and_leaves_the_indexes(store: &dyn ViewStore) {
    let tombstone = row("gate", 4, false);
    store.put(&tombstone, Some(3)).await.unwrap();
    assert_eq!(store.get(&tombstone.key, Consistency::Strong).await.unwrap(), Some(tombstone));
    eventually(&vec![], async || {
        store.query(Index::First, &of_tenant("all"), Order::Ascending, 10, None).await.unwrap().rows
    })
    .await;
}

async fn a_list_is_read_page_by_page(store: &dyn ViewStore) {
    for id in ["c", "a", "e", "b", "d"] {
        store.put(&row(id, 1, true), None).await.unwrap();
    }
    for (order, expected) in [(Order::Ascending, "abcde"), (Order::Descending, "edcba")] {
        eventually(&expected.to_owned(), async || every_page(store, order).await).await;
    }
    let other = store.query(Index::Second, &of_tenant("bob"), Order::Ascending, 2, None).await.unwrap();
    assert_eq!(other.rows, []);
}

/// The ids of a list, read two at a time.
async fn every_page(store: &dyn ViewStore, order: Order) -> String {
    let (mut seen, mut after): (String, Option<Cursor>) = (String::new(), None);
    loop {
        let page = store.query(Index::Second, &of_tenant("alice"), order, 2, after.as_ref()).await.unwrap();
        assert!(page.rows.len() <= 2);
        seen.extend(page.rows.iter().map(|row| row.content.as_ref().unwrap()["id"].as_str().unwrap()));
        after = page.next;
        if after.is_none() {
            return seen;
        }
    }
}

async fn a_list_goes_on_behind_a_place_that_is_no_longer_in_it(store: &dyn ViewStore) {
    for (order, list, first, last) in
        [(Order::Ascending, "up", ["a", "b"], "d"), (Order::Descending, "down", ["d", "c"], "a")]
    {
        let partition = of_tenant(list);
        let row = |id: &str, version: u64| {
            let key = IndexKey { partition: partition.clone(), sort: format!("2025#{id}") };
            Row { indexes: vec![(Index::First, key)], ..row(&format!("{list}-{id}"), version, true) }
        };
        for id in ["a", "b", "c", "d"] {
            store.put(&row(id, 1), None).await.unwrap();
        }
        let read = async |after: Option<&Cursor>, limit: u32| {
            let page = store.query(Index::First, &partition, order, limit, after).await.unwrap();
            (page.rows.into_iter().map(|row| row.key).collect::<Vec<_>>(), page.next)
        };
        let keys = |ids: &[&str]| ids.iter().map(|id| row(id, 1).key).collect::<Vec<_>>();
        eventually(&4, async || read(None, 5).await.0.len()).await;
        let (begun, place) = read(None, 2).await;
        assert_eq!(begun, keys(&first));
        // The row the page ended with leaves the list, and so does the one after it.
        for id in ["b", "c"] {
            store.put(&Row { indexes: vec![], ..row(id, 2) }, Some(1)).await.unwrap();
        }
        eventually(&keys(&[last]), async || read(place.as_ref(), 5).await.0).await;
    }
}
