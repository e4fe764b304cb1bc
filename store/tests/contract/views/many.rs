//! Many rows in one request.

use serde_json::json;
use skafu_store::{Consistency, RowKey, ViewStore};

use super::{beside, gate, key};

/// More than go into one request.
const ROWS: usize = 230;
/// Together more than one answer may hold: 16 MB.
const LARGE_ROWS: usize = 48;
const LARGE_BYTES: usize = 370_000;

pub async fn suite(store: &dyn ViewStore) {
    rows_come_in_the_order_of_their_keys(store).await;
    what_does_not_fit_into_one_answer_is_asked_for_again(store).await;
}

fn side(at: usize) -> RowKey {
    key("acme/many-rows", &format!("SIDE#{at:03}"))
}

async fn rows_come_in_the_order_of_their_keys(store: &dyn ViewStore) {
    for first in (0..ROWS).step_by(50) {
        let changes: Vec<_> = (first..ROWS.min(first + 50)).map(|at| beside(&side(at), json!(at))).collect();
        store.transact(&gate(&format!("many-rows-{first}"), 1), None, &changes).await.unwrap();
    }
    let row = |at: usize| Some(json!(at));
    let all: Vec<usize> = (0..ROWS).rev().collect();
    let questions: [(&[usize], Vec<_>); 4] = [
        (&[], vec![]),
        (&[7], vec![row(7)]),
        (&[3, ROWS, 1, 3, ROWS, 3], vec![row(3), None, row(1), row(3), None, row(3)]),
        (&all, all.iter().copied().map(row).collect()),
    ];
    for (wanted, expected) in questions {
        let keys: Vec<RowKey> = wanted.iter().copied().map(side).collect();
        for consistency in [Consistency::Eventual, Consistency::Strong] {
            let rows = store.get_many(&keys, consistency).await.unwrap();
            assert!(rows.iter().zip(&keys).all(|(row, key)| row.as_ref().is_none_or(|row| row.key == *key)));
            let contents: Vec<_> = rows.into_iter().map(|row| row.and_then(|row| row.content)).collect();
            assert_eq!(contents, expected);
        }
    }
}

async fn what_does_not_fit_into_one_answer_is_asked_for_again(store: &dyn ViewStore) {
    let large = |at: usize| key("acme/large", &format!("SIDE#{at:03}"));
    let text = "x".repeat(LARGE_BYTES);
    for at in 0..LARGE_ROWS {
        let gate = gate(&format!("large-{at}"), 1);
        store.transact(&gate, None, &[beside(&large(at), json!(text))]).await.unwrap();
    }
    let keys: Vec<RowKey> = (0..LARGE_ROWS).map(large).collect();
    let rows = store.get_many(&keys, Consistency::Strong).await.unwrap();
    let found: Vec<RowKey> = rows.into_iter().map(|row| row.unwrap().key).collect();
    assert_eq!(found, keys);
}
