use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Delete, Put, ReturnConsumedCapacity, TransactWriteItem, Update,
};

use super::DynamoViewStore;
use super::item::{COUNTER, encode, encode_beside, key_attributes};
use crate::views::check_changes;
use crate::{PutError, Row, RowChange, StoreError};

const PUT: &str = "PutItem";
const TRANSACT: &str = "TransactWriteItems";
const EXPECTED: &str = ":expected";

/// The condition that a row still is at a version: the expression, and its value if it has one.
type Condition = (&'static str, Option<AttributeValue>);

fn still_at(expected: Option<u64>) -> Condition {
    match expected {
        None => ("attribute_not_exists(PK)", None),
        // A row that was written beside another has no version attribute, and reads as version 0.
        Some(0) => (
            "attribute_exists(PK) AND (attribute_not_exists(v) OR v = :expected)",
            Some(AttributeValue::N("0".to_owned())),
        ),
        Some(version) => ("v = :expected", Some(AttributeValue::N(version.to_string()))),
    }
}

impl DynamoViewStore {
    /// One request, no transaction.
    pub(super) async fn put_item(&self, row: &Row, expected: Option<u64>) -> Result<(), PutError> {
        let (condition, value) = still_at(expected);
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(encode(row)?))
            .condition_expression(condition)
            .set_expression_attribute_values(value.map(|value| [(EXPECTED.to_owned(), value)].into()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match request.send().await {
            Ok(answer) => {
                self.consumed(PUT, answer.consumed_capacity.as_slice());
                Ok(())
            }
            Err(SdkError::ServiceError(error)) => match error.into_err() {
                PutItemError::ConditionalCheckFailedException(_) => Err(PutError::Conflict),
                error => Err(StoreError::unavailable(PUT, error).into()),
            },
            Err(error) => Err(StoreError::unavailable(PUT, error).into()),
        }
    }

    /// The row first, so that the first reason of a cancelled transaction is its own.
    ///
    /// The client puts a token of its own into each call, the same for all its attempts: one that is
    /// repeated because its answer was lost succeeds again, within ten minutes, and adds nothing twice.
    /// A token that followed from the content would help no further: whoever tries again after that is
    /// told of a conflict, reads the row, and finds that it is there.
    pub(super) async fn write(
        &self,
        row: &Row,
        expected: Option<u64>,
        changes: &[RowChange],
    ) -> Result<(), PutError> {
        check_changes(row, changes)?;
        let mut items = vec![self.gate(row, expected)?];
        for change in changes {
            items.extend(self.change(change)?);
        }
        if items.len() == 1 {
            return self.put_item(row, expected).await;
        }
        let request = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match request.send().await {
            Ok(answer) => {
                self.consumed(TRANSACT, answer.consumed_capacity());
                Ok(())
            }
            Err(SdkError::ServiceError(error)) => match error.into_err() {
                TransactWriteItemsError::TransactionCanceledException(canceled) => {
                    Err(refusal(canceled.cancellation_reasons()))
                }
                error => Err(StoreError::unavailable(TRANSACT, error).into()),
            },
            Err(error) => Err(StoreError::unavailable(TRANSACT, error).into()),
        }
    }

    fn gate(&self, row: &Row, expected: Option<u64>) -> Result<TransactWriteItem, StoreError> {
        let (condition, value) = still_at(expected);
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(encode(row)?))
            .condition_expression(condition)
            .set_expression_attribute_values(value.map(|value| [(EXPECTED.to_owned(), value)].into()));
        Ok(TransactWriteItem::builder().put(put.build().map_err(unbuilt)?).build())
    }

    /// None: nothing changes.
    fn change(&self, change: &RowChange) -> Result<Option<TransactWriteItem>, StoreError> {
        let item = TransactWriteItem::builder();
        let item = match change {
            RowChange::Put { key, content, indexes } => {
                let put = Put::builder().table_name(&self.table);
                let put = put.set_item(Some(encode_beside(key, content, indexes)?));
                item.put(put.build().map_err(unbuilt)?)
            }
            RowChange::Delete(key) => {
                let delete = Delete::builder().table_name(&self.table).set_key(Some(key_attributes(key)));
                item.delete(delete.build().map_err(unbuilt)?)
            }
            RowChange::Add { counters, .. } if counters.is_empty() => return Ok(None),
            RowChange::Add { key, counters } => {
                let mut update = Update::builder().table_name(&self.table).set_key(Some(key_attributes(key)));
                let mut sums = Vec::new();
                for (at, (name, by)) in counters.iter().enumerate() {
                    update = update
                        .expression_attribute_names(format!("#c{at}"), format!("{COUNTER}{name}"))
                        .expression_attribute_values(format!(":c{at}"), AttributeValue::N(by.to_string()));
                    sums.push(format!("#c{at} :c{at}"));
                }
                let update = update.update_expression(format!("ADD {}", sums.join(", ")));
                item.update(update.build().map_err(unbuilt)?)
            }
        };
        Ok(Some(item.build()))
    }
}

fn unbuilt(error: BuildError) -> StoreError {
    StoreError::unavailable(TRANSACT, error)
}

/// Why a transaction was cancelled. Only the row itself has a condition; everything else that stands
/// there (a conflict with another transaction, a throttle) decides nothing: try again.
pub(super) fn refusal(reasons: &[CancellationReason]) -> PutError {
    let codes: Vec<&str> = reasons.iter().filter_map(CancellationReason::code).collect();
    if codes.first() == Some(&"ConditionalCheckFailed") {
        return PutError::Conflict;
    }
    let others: Vec<&str> = codes.into_iter().filter(|code| *code != "None").collect();
    StoreError::unavailable(TRANSACT, others.join(", ")).into()
}
