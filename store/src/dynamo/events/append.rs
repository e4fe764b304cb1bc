use std::collections::HashMap;

use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use skafu_events::{Commit, StreamId};

use super::DynamoEventStore;
use super::reason::{Part, collision, refusals};
use crate::dynamo::codec::encode;
use crate::events::{check_transaction, commit_after, reservation_key};
use crate::{Append, NameClaim, Refusal, StoreError, TransactionError};

/// The sort key of a name's reservation.
const RESERVATION: &str = "RESERVATION";
const PUT: &str = "PutItem";
const TRANSACT: &str = "TransactWriteItems";

type Item = HashMap<String, AttributeValue>;

impl DynamoEventStore {
    pub(super) async fn write(&self, appends: Vec<Append<'_>>) -> Result<Vec<Commit>, TransactionError> {
        check_transaction(&appends)?;
        let (mut commits, mut items, mut claims) = (Vec::new(), Vec::new(), Vec::new());
        for append in appends {
            let commit = commit_after(append.history.stream(), append.history.version(), append.draft)?;
            let contents = self.spill(&commit).await?;
            items.push(encode(&commit, contents).map_err(StoreError::Unencodable)?);
            commits.push(commit);
            claims.push(append.claims);
        }
        match (&commits[..], claims.iter().all(Vec::is_empty)) {
            ([], _) => {}
            ([commit], true) => self.put(commit, items.remove(0)).await?,
            _ => self.transact(&commits, items, &claims).await?,
        }
        Ok(commits)
    }

    /// One request, no transaction: the key's own condition is all it takes.
    async fn put(&self, commit: &Commit, item: Item) -> Result<(), TransactionError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(PK)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match request.send().await {
            Ok(answer) => {
                self.consumed(PUT, answer.consumed_capacity.as_slice());
                Ok(())
            }
            Err(SdkError::ServiceError(error)) => match error.into_err() {
                PutItemError::ConditionalCheckFailedException(failure) => {
                    let winner = self.resolve(collision(commit, failure.item)?).await?;
                    Err(TransactionError::Refused(vec![Some(Refusal::Collision(Box::new(winner)))]))
                }
                error => Err(StoreError::unavailable(PUT, error).into()),
            },
            Err(error) => Err(StoreError::unavailable(PUT, error).into()),
        }
    }

    async fn transact(
        &self,
        commits: &[Commit],
        items: Vec<Item>,
        claims: &[Vec<NameClaim>],
    ) -> Result<(), TransactionError> {
        let (mut puts, mut parts) = (Vec::new(), Vec::new());
        for (at, (item, claims)) in items.into_iter().zip(claims).enumerate() {
            puts.push(self.commit_put(item));
            parts.push(Part::Commit(at));
            for claim in claims {
                puts.push(self.reservation(&commits[at].stream, claim));
                parts.push(Part::Name(at));
            }
        }
        let mut request =
            self.client.transact_write_items().return_consumed_capacity(ReturnConsumedCapacity::Total);
        for put in puts {
            let put = put.map_err(|error| StoreError::unavailable(TRANSACT, error))?;
            request = request.transact_items(TransactWriteItem::builder().put(put).build());
        }
        match request.send().await {
            Ok(answer) => {
                self.consumed(TRANSACT, answer.consumed_capacity());
                Ok(())
            }
            Err(SdkError::ServiceError(error)) => match error.into_err() {
                TransactWriteItemsError::TransactionCanceledException(canceled) => {
                    let reasons = canceled.cancellation_reasons.unwrap_or_default();
                    let mut refusals = refusals(commits, &parts, reasons)?;
                    for refusal in refusals.iter_mut().flatten() {
                        if let Refusal::Collision(winner) = refusal {
                            **winner = self.resolve((**winner).clone()).await?;
                        }
                    }
                    Err(TransactionError::Refused(refusals))
                }
                error => Err(StoreError::unavailable(TRANSACT, error).into()),
            },
            Err(error) => Err(StoreError::unavailable(TRANSACT, error).into()),
        }
    }

    fn commit_put(&self, item: Item) -> Result<Put, BuildError> {
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(PK)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
    }

    /// A reservation's item names its holder. Giving a name back leaves the item with no holder:
    /// deleting it would need another permission than the one to put.
    fn reservation(&self, stream: &StreamId, claim: &NameClaim) -> Result<Put, BuildError> {
        let me = AttributeValue::S(stream.to_string());
        let put = Put::builder()
            .table_name(&self.table)
            .item("PK", AttributeValue::S(reservation_key(stream.tenant(), claim.name())))
            .item("SK", AttributeValue::S(RESERVATION.to_owned()))
            .condition_expression("attribute_not_exists(holder) OR holder = :me")
            .expression_attribute_values(":me", me.clone());
        match claim {
            NameClaim::Take(_) => put.item("holder", me).build(),
            NameClaim::Release(_) => put.build(),
        }
    }
}
