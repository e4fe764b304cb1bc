use std::collections::HashSet;

use super::Append;
use super::port::reservation_key;
use crate::StoreError;

/// What DynamoDB takes in one transaction: a commit is one item, and so is each name.
const MAX_TRANSACTION_ITEMS: usize = 100;

/// Checks that the parts can be one transaction. It has no order, so a stream or a name that occurs twice
/// would have no defined outcome.
pub(crate) fn check_transaction(appends: &[Append<'_>]) -> Result<(), StoreError> {
    let (mut streams, mut names) = (HashSet::new(), HashSet::new());
    for Append { history, claims, .. } in appends {
        let stream = history.stream();
        if !streams.insert(stream) {
            return Err(StoreError::Repeated(stream.to_string()));
        }
        for key in claims.iter().map(|claim| reservation_key(stream.tenant(), claim.name())) {
            if let Some(repeated) = names.replace(key) {
                return Err(StoreError::Repeated(repeated));
            }
        }
    }
    let items = streams.len() + names.len();
    if items > MAX_TRANSACTION_ITEMS {
        let message = format!("{items} items in one transaction, over {MAX_TRANSACTION_ITEMS}");
        return Err(StoreError::OutOfBounds(message));
    }
    Ok(())
}
