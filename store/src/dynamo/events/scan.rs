use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};

use super::DynamoEventStore;
use crate::dynamo::codec::{EVENT_PREFIX, decode_commit};
use crate::{ScanPage, ScanPosition, Segment, StoreError};

impl DynamoEventStore {
    /// One page of one segment. A partition lies in one segment, its items in the order of their keys.
    pub(super) async fn scan_page(
        &self,
        segment: Segment,
        after: Option<&ScanPosition>,
        limit: u32,
    ) -> Result<ScanPage, StoreError> {
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        let start = after.map(|position| {
            HashMap::from([
                ("PK".to_owned(), AttributeValue::S(position.partition.clone())),
                ("SK".to_owned(), AttributeValue::S(position.sort.clone())),
            ])
        });
        let answer = self
            .client
            .scan()
            .table_name(&self.table)
            .segment(number(segment.index))
            .total_segments(number(segment.total))
            .consistent_read(true)
            .filter_expression("begins_with(SK, :event)")
            .expression_attribute_values(":event", AttributeValue::S(EVENT_PREFIX.to_owned()))
            .limit(number(limit))
            .set_exclusive_start_key(start)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("Scan", error))?;
        self.consumed("Scan", answer.consumed_capacity.as_slice());
        let mut commits = Vec::new();
        for item in answer.items.unwrap_or_default() {
            let key = item.get("PK").and_then(|key| key.as_s().ok()).cloned().unwrap_or_default();
            let commit = decode_commit(item).map_err(|source| StoreError::Undecodable { key, source })?;
            commits.push(self.resolve(commit).await?);
        }
        let text = |key: &HashMap<String, AttributeValue>, name: &str| key.get(name)?.as_s().ok().cloned();
        let next = answer
            .last_evaluated_key
            .and_then(|key| Some(ScanPosition { partition: text(&key, "PK")?, sort: text(&key, "SK")? }));
        Ok(ScanPage { commits, next })
    }
}
