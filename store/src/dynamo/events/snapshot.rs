use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use skafu_events::StreamId;

use super::DynamoEventStore;
use crate::dynamo::codec::SNAPSHOT_KEY;
use crate::{RecentCommands, Snapshot, StoreError};

impl DynamoEventStore {
    pub(super) async fn put_snapshot(
        &self,
        stream: &StreamId,
        snapshot: &Snapshot,
    ) -> Result<(), StoreError> {
        let number = |version: u64| AttributeValue::N(version.to_string());
        let schema = AttributeValue::S(snapshot.schema.clone());
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("PK", AttributeValue::S(stream.to_string()))
            .item("SK", AttributeValue::S(SNAPSHOT_KEY.to_owned()))
            .item("v", number(snapshot.version))
            .item("schema", schema.clone())
            .item("state", AttributeValue::S(snapshot.state.to_string()))
            .item("recent", AttributeValue::B(Blob::new(snapshot.recent.to_bytes())))
            // Another form of state replaces a newer snapshot: that one is of no use to this code. So does
            // anything a snapshot without a version, or it would stay for good.
            .condition_expression("NOT attribute_type(v, :number) OR v < :v OR #schema <> :schema")
            .expression_attribute_values(":number", AttributeValue::S("N".to_owned()))
            .expression_attribute_names("#schema", "schema")
            .expression_attribute_values(":v", number(snapshot.version))
            .expression_attribute_values(":schema", schema)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match request.send().await {
            Ok(answer) => {
                self.consumed("PutItem", answer.consumed_capacity.as_slice());
                self.learn_snapshot(stream, snapshot.version);
                Ok(())
            }
            Err(SdkError::ServiceError(error)) => match error.into_err() {
                PutItemError::ConditionalCheckFailedException(_) => Ok(()),
                error => Err(StoreError::unavailable("PutItem", error)),
            },
            Err(error) => Err(StoreError::unavailable("PutItem", error)),
        }
    }
}

/// Reads a snapshot. None, if it has another schema or is damaged: it is a copy, so that is no error.
pub(super) fn decode(item: &HashMap<String, AttributeValue>, schema: &str) -> Option<Snapshot> {
    let text = |name: &str| item.get(name)?.as_s().ok();
    if text("schema")? != schema {
        return None;
    }
    let snapshot = Snapshot {
        version: item.get("v")?.as_n().ok()?.parse().ok()?,
        schema: schema.to_owned(),
        state: serde_json::from_str(text("state")?).ok()?,
        recent: RecentCommands::from_bytes(item.get("recent")?.as_b().ok()?.as_ref())?,
    };
    (snapshot.version > 0).then_some(snapshot)
}
