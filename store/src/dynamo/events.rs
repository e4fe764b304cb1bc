use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use skafu_events::{Commit, StreamId};

use super::codec::{decode_commit, encode_commit, event_key};
use crate::events::{commit_after, contiguous, reservation_key};
use crate::{AppendError, Consistency, Draft, EventStore, History, NameClaim, StoreError};

/// The sort key of a name's reservation.
const RESERVATION: &str = "RESERVATION";
/// Sorts after every commit, before whatever else a stream's partition may hold.
const AFTER_EVENTS: &str = "EVENT$";

/// The event store on DynamoDB: one item per commit.
#[derive(Debug, Clone)]
pub struct DynamoEventStore {
    client: Client,
    table: String,
}

impl DynamoEventStore {
    /// A store on an existing table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Every commit of the stream whose sort key lies strictly after that of `version`, oldest first.
    async fn query(
        &self,
        stream: &StreamId,
        version: u64,
        consistency: Consistency,
    ) -> Result<Vec<Commit>, StoreError> {
        let mut commits = Vec::new();
        let mut start = None;
        loop {
            // Newest first: what a bounded read will want. A page holds at most 1 MB, so follow the key.
            let page = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("PK = :stream AND SK BETWEEN :from AND :to")
                .expression_attribute_values(":stream", AttributeValue::S(stream.to_string()))
                .expression_attribute_values(":from", AttributeValue::S(event_key(version + 1)))
                .expression_attribute_values(":to", AttributeValue::S(AFTER_EVENTS.to_owned()))
                .scan_index_forward(false)
                .consistent_read(consistency == Consistency::Strong)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| StoreError::unavailable("Query", error))?;
            for item in page.items.unwrap_or_default() {
                let commit = decode_commit(item)
                    .map_err(|source| StoreError::Undecodable { key: stream.to_string(), source })?;
                commits.push(commit);
            }
            start = page.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                commits.reverse();
                return Ok(commits);
            }
        }
    }

    /// The same, and nothing missing. A hole in an eventually consistent read is one page that lags:
    /// read again strongly. A hole in that is damage.
    async fn contiguous(
        &self,
        stream: &StreamId,
        version: u64,
        consistency: Consistency,
    ) -> Result<Vec<Commit>, StoreError> {
        let commits = self.query(stream, version, consistency).await?;
        if contiguous(version, &commits).is_ok() {
            return Ok(commits);
        }
        let commits = self.query(stream, version, Consistency::Strong).await?;
        match contiguous(version, &commits) {
            Ok(()) => Ok(commits),
            Err(missing) => Err(StoreError::CorruptStream { stream: stream.clone(), missing }),
        }
    }

    async fn put(&self, commit: &Commit, item: HashMap<String, AttributeValue>) -> Result<(), AppendError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(PK)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(error)) => match error.into_err() {
                PutItemError::ConditionalCheckFailedException(failure) => {
                    Err(collision(commit, failure.item))
                }
                error => Err(StoreError::unavailable("PutItem", error).into()),
            },
            Err(error) => Err(StoreError::unavailable("PutItem", error).into()),
        }
    }

    async fn transact(
        &self,
        commit: &Commit,
        item: HashMap<String, AttributeValue>,
        claims: &[NameClaim],
    ) -> Result<(), AppendError> {
        let mut request = self.client.transact_write_items();
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(PK)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| StoreError::unavailable("TransactWriteItems", error))?;
        request = request.transact_items(TransactWriteItem::builder().put(put).build());
        for claim in claims {
            let put = self.reservation(&commit.stream, claim)?;
            request = request.transact_items(TransactWriteItem::builder().put(put).build());
        }
        match request.send().await {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(error)) => match error.into_err() {
                TransactWriteItemsError::TransactionCanceledException(canceled) => {
                    Err(reason(commit, canceled.cancellation_reasons.unwrap_or_default()))
                }
                error => Err(StoreError::unavailable("TransactWriteItems", error).into()),
            },
            Err(error) => Err(StoreError::unavailable("TransactWriteItems", error).into()),
        }
    }

    /// A reservation's item names its holder. Giving a name back leaves the item with no holder:
    /// deleting it would need another permission than the one to put.
    fn reservation(&self, stream: &StreamId, claim: &NameClaim) -> Result<Put, StoreError> {
        let me = AttributeValue::S(stream.to_string());
        let put = Put::builder()
            .table_name(&self.table)
            .item("PK", AttributeValue::S(reservation_key(stream.tenant(), claim.name())))
            .item("SK", AttributeValue::S(RESERVATION.to_owned()))
            .condition_expression("attribute_not_exists(holder) OR holder = :me")
            .expression_attribute_values(":me", me.clone());
        let put = match claim {
            NameClaim::Take(_) => put.item("holder", me),
            NameClaim::Release(_) => put,
        };
        put.build().map_err(|error| StoreError::unavailable("TransactWriteItems", error))
    }
}

/// The commit that stands where `commit` was to be written.
fn collision(commit: &Commit, winner: Option<HashMap<String, AttributeValue>>) -> AppendError {
    let key = || format!("{} {}", commit.stream, event_key(commit.first_version));
    match winner.map(decode_commit) {
        Some(Ok(winner)) => AppendError::Collision(Box::new(winner)),
        Some(Err(source)) => StoreError::Undecodable { key: key(), source }.into(),
        None => StoreError::unavailable("PutItem", "the colliding commit was not returned").into(),
    }
}

/// Why a transaction was cancelled: the commit's own collision counts before a name's.
fn reason(commit: &Commit, mut reasons: Vec<CancellationReason>) -> AppendError {
    const FAILED: Option<&str> = Some("ConditionalCheckFailed");
    if reasons.first().is_some_and(|reason| reason.code() == FAILED) {
        return collision(commit, reasons.remove(0).item);
    }
    if reasons.iter().any(|reason| reason.code() == FAILED) {
        return AppendError::NameTaken;
    }
    let codes: Vec<_> = reasons.iter().filter_map(CancellationReason::code).collect();
    StoreError::unavailable("TransactWriteItems", codes.join(", ")).into()
}

#[async_trait]
impl EventStore for DynamoEventStore {
    async fn load(&self, stream: &StreamId, consistency: Consistency) -> Result<History, StoreError> {
        let commits = self.contiguous(stream, 0, consistency).await?;
        Ok(History::new(stream.clone(), commits))
    }

    async fn load_after(&self, stream: &StreamId, version: u64) -> Result<Vec<Commit>, StoreError> {
        self.contiguous(stream, version, Consistency::Strong).await
    }

    async fn append(
        &self,
        history: &History,
        draft: Draft,
        claims: &[NameClaim],
    ) -> Result<Commit, AppendError> {
        let commit = commit_after(history.stream(), history.version(), draft)?;
        let item = encode_commit(&commit).map_err(StoreError::Unencodable)?;
        if claims.is_empty() {
            self.put(&commit, item).await?;
        } else {
            self.transact(&commit, item, claims).await?;
        }
        Ok(commit)
    }
}
