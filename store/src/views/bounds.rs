use super::{MAX_CHANGES, Row, RowChange, RowKey};
use crate::StoreError;

/// Whether the changes fit into one transaction with the row, and none meets another.
pub(crate) fn check_changes(row: &Row, changes: &[RowChange]) -> Result<(), StoreError> {
    let out_of_bounds = |message: String| Err(StoreError::OutOfBounds(message));
    if changes.len() > MAX_CHANGES {
        return out_of_bounds(format!("{} rows beside one, over {MAX_CHANGES}", changes.len()));
    }
    let mut keys: Vec<&RowKey> = changes.iter().map(RowChange::key).chain([&row.key]).collect();
    keys.sort();
    match keys.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => {
            let RowKey { partition, sort } = pair[0];
            out_of_bounds(format!("one transaction changes the row {partition} {sort} twice"))
        }
        None => Ok(()),
    }
}
