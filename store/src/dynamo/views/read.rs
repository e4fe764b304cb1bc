use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::config::AsyncSleep;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};

use super::DynamoViewStore;
use super::item::{Item, decode, key_attributes, row_key, text};
use crate::{Consistency, Cursor, Index, Order, Row, RowKey, RowList, RowPage, Segment, StoreError};

const GET_MANY: &str = "BatchGetItem";
/// What DynamoDB takes in one such request.
const MAX_KEYS: usize = 100;
/// How often it is asked for what it left out, each time after twice the pause: a third of a second in
/// all, which a reader can wait.
const ATTEMPTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(10);

fn number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn rows(items: Option<Vec<Item>>) -> Result<Vec<Row>, StoreError> {
    items.unwrap_or_default().into_iter().map(decode).collect()
}

impl DynamoViewStore {
    pub(super) async fn get_item(
        &self,
        key: &RowKey,
        consistency: Consistency,
    ) -> Result<Option<Row>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .consistent_read(consistency == Consistency::Strong)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("GetItem", error))?;
        self.consumed("GetItem", answer.consumed_capacity.as_slice());
        answer.item.map(decode).transpose()
    }

    /// A request refuses a key that is named twice: each is asked for once.
    pub(super) async fn get_items(
        &self,
        keys: &[RowKey],
        consistency: Consistency,
    ) -> Result<Vec<Option<Row>>, StoreError> {
        let distinct: Vec<&RowKey> = keys.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut found = HashMap::new();
        for keys in distinct.chunks(MAX_KEYS) {
            let keys = keys.iter().map(|key| key_attributes(key)).collect();
            for row in self.batch(keys, consistency).await? {
                found.insert(row.key.clone(), row);
            }
        }
        Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
    }

    /// Those of the rows that are there, in any order.
    async fn batch(&self, mut keys: Vec<Item>, consistency: Consistency) -> Result<Vec<Row>, StoreError> {
        let mut found = Vec::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                self.pause(FIRST_PAUSE * 2_u32.pow(attempt - 1)).await;
            }
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .consistent_read(consistency == Consistency::Strong)
                .build()
                .map_err(|error| StoreError::unavailable(GET_MANY, error))?;
            let answer = self
                .client
                .batch_get_item()
                .request_items(&self.table, wanted)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| StoreError::unavailable(GET_MANY, error))?;
            self.consumed(GET_MANY, answer.consumed_capacity());
            found.extend(rows(answer.responses.and_then(|mut tables| tables.remove(&self.table)))?);
            let left = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&self.table));
            keys = left.map(|left| left.keys).unwrap_or_default();
            if keys.is_empty() {
                return Ok(found);
            }
        }
        Err(StoreError::unavailable(GET_MANY, format!("{} keys were left unprocessed", keys.len())))
    }

    async fn pause(&self, duration: Duration) {
        if let Some(sleep) = self.client.config().sleep_impl() {
            sleep.sleep(duration).await;
        }
    }

    pub(super) async fn partition_page(
        &self,
        partition: &str,
        prefix: &str,
        order: Order,
        limit: u32,
        after: Option<&RowKey>,
        consistency: Consistency,
    ) -> Result<RowList, StoreError> {
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .expression_attribute_values(":partition", AttributeValue::S(partition.to_owned()));
        let request = match prefix {
            "" => request.key_condition_expression("PK = :partition"),
            prefix => request
                .key_condition_expression("PK = :partition AND begins_with(SK, :prefix)")
                .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned())),
        };
        let answer = request
            .scan_index_forward(order == Order::Ascending)
            .consistent_read(consistency == Consistency::Strong)
            .limit(number(limit))
            .set_exclusive_start_key(after.map(key_attributes))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("Query", error))?;
        self.consumed("Query", answer.consumed_capacity.as_slice());
        let next = answer.last_evaluated_key.as_ref().and_then(row_key);
        Ok(RowList { rows: rows(answer.items)?, next })
    }

    pub(super) async fn segment_page(
        &self,
        segment: Segment,
        after: Option<&RowKey>,
        limit: u32,
    ) -> Result<RowList, StoreError> {
        let answer = self
            .client
            .scan()
            .table_name(&self.table)
            .segment(number(segment.index))
            .total_segments(number(segment.total))
            .consistent_read(true)
            .limit(number(limit))
            .set_exclusive_start_key(after.map(key_attributes))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("Scan", error))?;
        self.consumed("Scan", answer.consumed_capacity.as_slice());
        let next = answer.last_evaluated_key.as_ref().and_then(row_key);
        Ok(RowList { rows: rows(answer.items)?, next })
    }

    pub(super) async fn index_page(
        &self,
        index: Index,
        partition: &str,
        order: Order,
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<RowPage, StoreError> {
        let (partition_name, sort_name) = (format!("{}PK", index.name()), format!("{}SK", index.name()));
        let start = after.map(|cursor| {
            let mut start = key_attributes(&cursor.key);
            start.insert(partition_name.clone(), AttributeValue::S(partition.to_owned()));
            start.insert(sort_name.clone(), AttributeValue::S(cursor.sort.clone()));
            start
        });
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(index.name())
            .key_condition_expression(format!("{partition_name} = :partition"))
            .expression_attribute_values(":partition", AttributeValue::S(partition.to_owned()))
            .scan_index_forward(order == Order::Ascending)
            .limit(number(limit))
            .set_exclusive_start_key(start)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("Query", error))?;
        self.consumed("Query", answer.consumed_capacity.as_slice());
        let next = answer
            .last_evaluated_key
            .and_then(|key| Some(Cursor { key: row_key(&key)?, sort: text(&key, &sort_name)? }));
        Ok(RowPage { rows: rows(answer.items)?, next })
    }
}
