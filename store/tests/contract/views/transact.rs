//! Several rows at once: all or nothing, behind the condition of one.

use serde_json::{Value, json};
use skafu_store::{
    Consistency, Index, IndexKey, MAX_CHANGES, Order, PutError, Row, RowChange, RowKey, StoreError, ViewStore,
};

use super::{beside, content, gate, key};

pub async fn suite(store: &dyn ViewStore) {
    all_rows_are_written_or_none(store).await;
    no_row_is_written_over_another_version(store).await;
    a_row_may_have_version_0_and_no_content(store).await;
    a_row_beside_another_has_version_0(store).await;
    what_is_not_there_can_be_deleted(store).await;
    rows_beside_another_have_places_in_indexes(store).await;
    without_changes_it_is_a_put(store).await;
    too_many_changes_or_two_to_one_row_are_out_of_bounds(store).await;
    as_many_changes_as_allowed_are_made(store).await;
}

fn add(key: &RowKey, by: i64) -> RowChange {
    RowChange::Add { key: key.clone(), counters: [("n".to_owned(), by)].into() }
}

async fn contents<const N: usize>(store: &dyn ViewStore, keys: [&RowKey; N]) -> [Option<Value>; N] {
    let mut contents = [const { None }; N];
    for (content, key) in contents.iter_mut().zip(keys) {
        *content = super::content(store, key).await;
    }
    contents
}

async fn all_rows_are_written_or_none(store: &dyn ViewStore) {
    let [a, b, c, sum] = ["A", "B", "C", "SUM"].map(|sort| key("acme/all-or-none", sort));
    let first = [beside(&a, json!({ "a": 1 })), beside(&b, json!("b")), add(&sum, 1)];
    store.transact(&gate("all-or-none", 1), None, &first).await.unwrap();
    let second = [beside(&a, json!([2])), RowChange::Delete(b.clone()), beside(&c, json!({})), add(&sum, 1)];
    store.transact(&gate("all-or-none", 3), Some(1), &second).await.unwrap();
    let after = [Some(json!([2])), None, Some(json!({})), Some(json!({ "n": 2 }))];
    assert_eq!(contents(store, [&a, &b, &c, &sum]).await, after);

    let late = [RowChange::Delete(a.clone()), beside(&b, json!(4)), beside(&c, json!(4)), add(&sum, 1)];
    let refused = store.transact(&gate("all-or-none", 4), Some(1), &late).await;
    assert!(matches!(refused, Err(PutError::Conflict)), "{refused:?}");
    assert_eq!(contents(store, [&a, &b, &c, &sum]).await, after);
    let gate = gate("all-or-none", 3);
    assert_eq!(store.get(&gate.key, Consistency::Strong).await.unwrap(), Some(gate));
}

async fn no_row_is_written_over_another_version(store: &dyn ViewStore) {
    let (first, side) = (gate("versions", 5), key("acme/versions", "SIDE"));
    let write = |expected| {
        let (first, changes) = (first.clone(), [beside(&side, json!(1))]);
        async move { store.transact(&first, expected, &changes).await }
    };
    for nothing_there in [Some(0), Some(5)] {
        assert!(matches!(write(nothing_there).await, Err(PutError::Conflict)));
    }
    assert_eq!(contents(store, [&side]).await, [None]);
    write(None).await.unwrap();
    for not_at in [None, Some(0), Some(4), Some(6)] {
        assert!(matches!(write(not_at).await, Err(PutError::Conflict)), "{not_at:?}");
    }
    write(Some(5)).await.unwrap();
}

async fn a_row_may_have_version_0_and_no_content(store: &dyn ViewStore) {
    let side = key("acme/zero", "SIDE");
    let zero = gate("zero", 0);
    store.transact(&zero, None, &[beside(&side, json!(0))]).await.unwrap();
    assert_eq!(store.get(&zero.key, Consistency::Strong).await.unwrap(), Some(zero.clone()));
    assert!(matches!(store.put(&zero, None).await, Err(PutError::Conflict)));
    store.transact(&gate("zero", 1), Some(0), &[beside(&side, json!(1))]).await.unwrap();
    assert_eq!(content(store, &side).await, Some(json!(1)));
}

async fn a_row_beside_another_has_version_0(store: &dyn ViewStore) {
    let side = key("acme/side", "SIDE");
    store.transact(&gate("side", 7), None, &[beside(&side, json!({ "side": true }))]).await.unwrap();
    let expected = Row {
        key: side,
        version: 0,
        content: Some(json!({ "side": true })),
        indexes: Vec::new(),
        parked: None,
    };
    assert_eq!(store.get(&expected.key, Consistency::Strong).await.unwrap(), Some(expected.clone()));
    assert!(matches!(store.put(&expected, None).await, Err(PutError::Conflict)));
    store.put(&Row { version: 2, ..expected.clone() }, Some(0)).await.unwrap();
    assert!(matches!(store.put(&expected, Some(0)).await, Err(PutError::Conflict)));
}

async fn what_is_not_there_can_be_deleted(store: &dyn ViewStore) {
    let gone = key("acme/gone", "SIDE");
    for (version, expected) in [(1, None), (2, Some(1))] {
        let delete = [RowChange::Delete(gone.clone())];
        store.transact(&gate("gone", version), expected, &delete).await.unwrap();
        assert_eq!(store.get(&gone, Consistency::Strong).await.unwrap(), None);
    }
}

async fn rows_beside_another_have_places_in_indexes(store: &dyn ViewStore) {
    let side = key("acme/placed", "SIDE");
    let listed = |list: &'static str| async move {
        let page = store.query(Index::Second, list, Order::Ascending, 10, None).await.unwrap();
        page.rows.into_iter().map(|row| (row.key, row.version)).collect::<Vec<_>>()
    };
    let place = |list: &str| {
        let place = IndexKey { partition: list.to_owned(), sort: "2025".to_owned() };
        RowChange::Put { key: side.clone(), content: json!(1), indexes: vec![(Index::Second, place)] }
    };
    store.transact(&gate("placed", 1), None, &[place("acme/here")]).await.unwrap();
    assert_eq!(listed("acme/here").await, [(side.clone(), 0)]);
    store.transact(&gate("placed", 2), Some(1), &[place("acme/there")]).await.unwrap();
    assert_eq!((listed("acme/here").await, listed("acme/there").await), (vec![], vec![(side.clone(), 0)]));
    store.transact(&gate("placed", 3), Some(2), &[RowChange::Delete(side.clone())]).await.unwrap();
    assert_eq!(listed("acme/there").await, []);
}

async fn without_changes_it_is_a_put(store: &dyn ViewStore) {
    let row = gate("alone", 1);
    store.transact(&row, None, &[]).await.unwrap();
    assert!(matches!(store.transact(&row, None, &[]).await, Err(PutError::Conflict)));
    assert_eq!(store.get(&row.key, Consistency::Strong).await.unwrap(), Some(row));
}

fn sides(many: usize) -> Vec<RowChange> {
    (0..many).map(|at| beside(&key("acme/bounds", &format!("SIDE#{at:03}")), json!(at))).collect()
}

async fn too_many_changes_or_two_to_one_row_are_out_of_bounds(store: &dyn ViewStore) {
    let (row, side) = (gate("bounds", 1), key("acme/bounds", "SIDE#000"));
    let twice = vec![add(&side, 1), RowChange::Delete(side.clone())];
    let itself = vec![RowChange::Delete(row.key.clone())];
    for changes in [sides(MAX_CHANGES + 1), twice, itself] {
        let refused = store.transact(&row, None, &changes).await;
        assert!(matches!(refused, Err(PutError::Store(StoreError::OutOfBounds(_)))), "{refused:?}");
    }
    assert_eq!(contents(store, [&row.key, &side]).await, [None, None]);
}

async fn as_many_changes_as_allowed_are_made(store: &dyn ViewStore) {
    store.transact(&gate("bounds", 1), None, &sides(MAX_CHANGES)).await.unwrap();
    let last = key("acme/bounds", &format!("SIDE#{:03}", MAX_CHANGES - 1));
    assert_eq!(content(store, &last).await, Some(json!(MAX_CHANGES - 1)));
}
