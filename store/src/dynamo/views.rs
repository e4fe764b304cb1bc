use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ViewStore;
use crate::{
    Consistency, Cursor, DecodeError, Index, IndexKey, Order, PutError, Row, RowKey, RowPage, StoreError,
};

/// The view table on DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoViewStore {
    client: Client,
    table: String,
}

/// A row as it stands in the table.
#[derive(Serialize, Deserialize)]
struct RowItem {
    #[serde(rename = "PK")]
    partition: String,
    #[serde(rename = "SK")]
    sort: String,
    #[serde(rename = "v")]
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    row: Option<Value>,
    #[serde(rename = "GSI1PK", default, skip_serializing_if = "Option::is_none")]
    first_partition: Option<String>,
    #[serde(rename = "GSI1SK", default, skip_serializing_if = "Option::is_none")]
    first_sort: Option<String>,
    #[serde(rename = "GSI2PK", default, skip_serializing_if = "Option::is_none")]
    second_partition: Option<String>,
    #[serde(rename = "GSI2SK", default, skip_serializing_if = "Option::is_none")]
    second_sort: Option<String>,
}

impl From<&Row> for RowItem {
    fn from(row: &Row) -> Self {
        let place =
            |wanted: Index| row.indexes.iter().find(|(index, _)| *index == wanted).map(|(_, key)| key);
        let partition = |wanted| place(wanted).map(|key| key.partition.clone());
        let sort = |wanted| place(wanted).map(|key| key.sort.clone());
        Self {
            partition: row.key.partition.clone(),
            sort: row.key.sort.clone(),
            version: row.version,
            row: row.content.clone(),
            first_partition: partition(Index::First),
            first_sort: sort(Index::First),
            second_partition: partition(Index::Second),
            second_sort: sort(Index::Second),
        }
    }
}

impl From<RowItem> for Row {
    fn from(item: RowItem) -> Self {
        let place = |index, partition: Option<String>, sort: Option<String>| {
            partition.zip(sort).map(|(partition, sort)| (index, IndexKey { partition, sort }))
        };
        let first = place(Index::First, item.first_partition, item.first_sort);
        let second = place(Index::Second, item.second_partition, item.second_sort);
        Self {
            key: RowKey { partition: item.partition, sort: item.sort },
            version: item.version,
            content: item.row,
            indexes: first.into_iter().chain(second).collect(),
        }
    }
}

fn decode(key: &str, item: HashMap<String, AttributeValue>) -> Result<Row, StoreError> {
    let item: Result<RowItem, _> = serde_dynamo::from_item(item);
    item.map(Row::from)
        .map_err(|error| StoreError::Undecodable { key: key.to_owned(), source: DecodeError::Item(error) })
}

fn key_attributes(key: &RowKey) -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("PK".to_owned(), AttributeValue::S(key.partition.clone())),
        ("SK".to_owned(), AttributeValue::S(key.sort.clone())),
    ])
}

fn text(item: &HashMap<String, AttributeValue>, name: &str) -> Option<String> {
    item.get(name)?.as_s().ok().cloned()
}

impl DynamoViewStore {
    /// A view table that exists.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }
}

#[async_trait]
impl ViewStore for DynamoViewStore {
    async fn get(&self, key: &RowKey, consistency: Consistency) -> Result<Option<Row>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .consistent_read(consistency == Consistency::Strong)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("GetItem", error))?;
        answer.item.map(|item| decode(&key.partition, item)).transpose()
    }

    async fn put(&self, row: &Row, expected: Option<u64>) -> Result<(), PutError> {
        let item = serde_dynamo::to_item(RowItem::from(row)).map_err(StoreError::Unencodable)?;
        let request = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let request = match expected {
            None => request.condition_expression("attribute_not_exists(PK)"),
            Some(version) => request
                .condition_expression("v = :expected")
                .expression_attribute_values(":expected", AttributeValue::N(version.to_string())),
        };
        match request.send().await {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(error)) => match error.into_err() {
                PutItemError::ConditionalCheckFailedException(_) => Err(PutError::Conflict),
                error => Err(StoreError::unavailable("PutItem", error).into()),
            },
            Err(error) => Err(StoreError::unavailable("PutItem", error).into()),
        }
    }

    async fn query(
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
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("Query", error))?;
        let next = answer.last_evaluated_key.and_then(|key| {
            let row = RowKey { partition: text(&key, "PK")?, sort: text(&key, "SK")? };
            Some(Cursor { key: row, sort: text(&key, &sort_name)? })
        });
        let rows = answer.items.unwrap_or_default().into_iter().map(|item| decode(partition, item));
        Ok(RowPage { rows: rows.collect::<Result<_, _>>()?, next })
    }
}
