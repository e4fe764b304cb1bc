//! Reading every row: in parts, page by page. For a table of its own.

use std::collections::BTreeMap;

use serde_json::json;
use skafu_store::{RowChange, RowKey, Segment, ViewStore};

use super::{beside, gate, key, row};

const PARTITIONS: usize = 30;

/// Runs the whole suite on one empty table.
pub async fn suite(store: &dyn ViewStore) {
    assert!(store.scan(Segment::WHOLE, None, 10).await.unwrap().rows.is_empty());
    let mut expected: BTreeMap<RowKey, usize> = BTreeMap::new();
    let sum = key("acme/sum", "SUM");
    for at in 0..PARTITIONS {
        let gate = gate(&format!("a rather long partition {at}"), at as u64 + 1);
        let sides: Vec<_> = (0..at % 4).map(|n| key(&gate.key.partition, &format!("SIDE#{n}"))).collect();
        let mut changes: Vec<_> = sides.iter().map(|key| beside(key, json!(at))).collect();
        changes.push(RowChange::Add { key: sum.clone(), counters: [("n".to_owned(), 1)].into() });
        store.transact(&gate, None, &changes).await.unwrap();
        expected.extend(sides.into_iter().chain([gate.key]).map(|key| (key, 1)));
    }
    // The second: a name whose hash comes so close to 2^32 that one more byte leads over it.
    for row in [row("tombstone", 9, false), gate("P7zB1Nz", 1)] {
        store.put(&row, None).await.unwrap();
        expected.insert(row.key, 1);
    }
    expected.insert(sum, 1);

    for (total, limit) in [(1, 1000), (1, 1), (1, 7), (4, 3), (9, 1000)] {
        let mut found: BTreeMap<RowKey, usize> = BTreeMap::new();
        for index in 0..total {
            let mut after = None;
            loop {
                let page = store.scan(Segment { index, total }, after.as_ref(), limit).await.unwrap();
                assert!(page.rows.len() <= limit as usize);
                page.rows.into_iter().for_each(|row| *found.entry(row.key).or_default() += 1);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        assert_eq!(found, expected, "{total} segments, {limit} at a time");
    }
}
