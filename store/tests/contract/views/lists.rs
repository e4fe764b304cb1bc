//! Rows of one partition of the table, in the order of their keys.

use serde_json::json;
use skafu_store::{Consistency, Order, RowChange, RowKey, ViewStore};

use super::{beside, gate, key};

const BOTH: [Order; 2] = [Order::Ascending, Order::Descending];

pub async fn suite(store: &dyn ViewStore) {
    let sorts = ["A", "B#1", "B#2", "B#3", "B#4", "C#1"].map(str::to_owned);
    write(store, "acme/listed", &sorts).await;
    // Neighbours, which no list of that partition may show.
    write(store, "acme/liste", &sorts).await;
    write(store, "acme/listed2", &sorts).await;
    a_prefix_is_listed_in_both_orders(store).await;
    a_list_goes_on_behind_a_row_that_is_gone(store).await;
}

async fn write(store: &dyn ViewStore, partition: &str, sorts: &[String]) {
    let changes: Vec<_> = sorts.iter().map(|sort| beside(&key(partition, sort), json!(sort))).collect();
    store.transact(&gate(&format!("gate-of-{partition}"), 1), None, &changes).await.unwrap();
}

/// The sort keys of every page.
async fn listed(
    store: &dyn ViewStore,
    (partition, prefix): (&str, &str),
    order: Order,
    limit: u32,
    mut after: Option<RowKey>,
) -> Vec<String> {
    let mut sorts = Vec::new();
    loop {
        let page =
            store.list(partition, prefix, order, limit, after.as_ref(), Consistency::Eventual).await.unwrap();
        assert!(page.rows.len() <= limit as usize);
        for row in page.rows {
            assert_eq!((&*row.key.partition, row.content), (partition, Some(json!(row.key.sort))));
            sorts.push(row.key.sort);
        }
        after = page.next;
        if after.is_none() {
            return sorts;
        }
    }
}

async fn a_prefix_is_listed_in_both_orders(store: &dyn ViewStore) {
    let questions: [(&str, &[&str]); 6] = [
        ("", &["A", "B#1", "B#2", "B#3", "B#4", "C#1"]),
        ("B#", &["B#1", "B#2", "B#3", "B#4"]),
        ("B#2", &["B#2"]),
        ("C", &["C#1"]),
        ("B#5", &[]),
        ("D", &[]),
    ];
    for (prefix, ascending) in questions {
        for (order, limit) in BOTH.into_iter().flat_map(|order| [1, 2, 4, 100].map(|limit| (order, limit))) {
            let mut expected = ascending.to_vec();
            if order == Order::Descending {
                expected.reverse();
            }
            let sorts = listed(store, ("acme/listed", prefix), order, limit, None).await;
            assert_eq!(sorts, expected, "{prefix:?}, {limit} at a time");
        }
    }
    assert_eq!(listed(store, ("acme/nothing-here", ""), Order::Ascending, 2, None).await, [""; 0]);
}

async fn a_list_goes_on_behind_a_row_that_is_gone(store: &dyn ViewStore) {
    for (order, partition, rest) in
        [(Order::Ascending, "acme/up-list", "B#4"), (Order::Descending, "acme/down-list", "B#1")]
    {
        write(store, partition, &["A", "B#1", "B#2", "B#3", "B#4", "C"].map(str::to_owned)).await;
        let page = store.list(partition, "B#", order, 2, None, Consistency::Strong).await.unwrap();
        // The row the page ended with goes, and so does the one after it.
        let gone = ["B#2", "B#3"].map(|sort| RowChange::Delete(key(partition, sort)));
        store.transact(&gate(&format!("gone-of-{partition}"), 1), None, &gone).await.unwrap();
        assert_eq!(listed(store, (partition, "B#"), order, 5, page.next).await, [rest]);
    }
}
