use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::Error;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{DecodeError, Index, IndexKey, Row, RowKey, StoreError};

/// What the names of counters begin with, so that no other attribute is taken for one.
pub(super) const COUNTER: char = '+';

pub(super) type Item = HashMap<String, AttributeValue>;

/// A row as it stands in the table. Its counters, if it has any, stand beside these attributes, each a
/// number of its own: only such can be added to without being read.
#[derive(Serialize, Deserialize)]
struct RowItem {
    #[serde(rename = "PK")]
    partition: String,
    #[serde(rename = "SK")]
    sort: String,
    /// None: a row beside the one that tells how far an aggregate is shown.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    row: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parked: Option<Value>,
    #[serde(rename = "GSI1PK", default, skip_serializing_if = "Option::is_none")]
    first_partition: Option<String>,
    #[serde(rename = "GSI1SK", default, skip_serializing_if = "Option::is_none")]
    first_sort: Option<String>,
    #[serde(rename = "GSI2PK", default, skip_serializing_if = "Option::is_none")]
    second_partition: Option<String>,
    #[serde(rename = "GSI2SK", default, skip_serializing_if = "Option::is_none")]
    second_sort: Option<String>,
    #[serde(rename = "GSI3PK", default, skip_serializing_if = "Option::is_none")]
    parked_partition: Option<String>,
    #[serde(rename = "GSI3SK", default, skip_serializing_if = "Option::is_none")]
    parked_sort: Option<String>,
}

impl RowItem {
    fn new(key: &RowKey, indexes: &[(Index, IndexKey)]) -> Self {
        let place = |wanted| {
            let place = indexes.iter().find(|(index, _)| *index == wanted).map(|(_, key)| key.clone());
            place.map(|key| (key.partition, key.sort)).unzip()
        };
        let (first_partition, first_sort) = place(Index::First);
        let (second_partition, second_sort) = place(Index::Second);
        let (parked_partition, parked_sort) = place(Index::Parked);
        Self {
            partition: key.partition.clone(),
            sort: key.sort.clone(),
            version: None,
            row: None,
            parked: None,
            first_partition,
            first_sort,
            second_partition,
            second_sort,
            parked_partition,
            parked_sort,
        }
    }
}

impl From<RowItem> for Row {
    fn from(item: RowItem) -> Self {
        let place = |index, partition: Option<String>, sort: Option<String>| {
            partition.zip(sort).map(|(partition, sort)| (index, IndexKey { partition, sort }))
        };
        let places = [
            place(Index::First, item.first_partition, item.first_sort),
            place(Index::Second, item.second_partition, item.second_sort),
            place(Index::Parked, item.parked_partition, item.parked_sort),
        ];
        Self {
            key: RowKey { partition: item.partition, sort: item.sort },
            version: item.version.unwrap_or_default(),
            content: item.row,
            indexes: places.into_iter().flatten().collect(),
            parked: item.parked,
        }
    }
}

/// The item of a row with a version.
pub(super) fn encode(row: &Row) -> Result<Item, StoreError> {
    let item = RowItem {
        version: Some(row.version),
        row: row.content.clone(),
        parked: row.parked.clone(),
        ..RowItem::new(&row.key, &row.indexes)
    };
    serde_dynamo::to_item(item).map_err(StoreError::Unencodable)
}

/// The item of a row beside one with a version.
pub(super) fn encode_beside(
    key: &RowKey,
    content: &Value,
    indexes: &[(Index, IndexKey)],
) -> Result<Item, StoreError> {
    let item = RowItem { row: Some(content.clone()), ..RowItem::new(key, indexes) };
    serde_dynamo::to_item(item).map_err(StoreError::Unencodable)
}

/// Reads a row, whichever kind it is.
pub(super) fn decode(item: Item) -> Result<Row, StoreError> {
    let key = text(&item, "PK").unwrap_or_default();
    decode_item(item).map_err(|error| StoreError::Undecodable { key, source: DecodeError::Item(error) })
}

fn decode_item(item: Item) -> Result<Row, serde_dynamo::Error> {
    let (mut counters, mut others) = (BTreeMap::new(), Item::new());
    for (name, value) in item {
        match name.strip_prefix(COUNTER) {
            Some(name) => counters.insert(name.to_owned(), value),
            None => others.insert(name, value),
        };
    }
    let mut row: Row = serde_dynamo::from_item::<_, RowItem>(others)?.into();
    for (name, counter) in counters {
        let number = counter.as_n().ok().and_then(|digits| digits.parse::<i64>().ok());
        let number = number.ok_or_else(|| {
            serde_dynamo::Error::custom(format!("the counter {name} is not a whole number of 64 bits"))
        })?;
        row.content.get_or_insert_with(|| json!({}))[name] = json!(number);
    }
    Ok(row)
}

pub(super) fn key_attributes(key: &RowKey) -> Item {
    HashMap::from([
        ("PK".to_owned(), AttributeValue::S(key.partition.clone())),
        ("SK".to_owned(), AttributeValue::S(key.sort.clone())),
    ])
}

/// The primary key among these attributes.
pub(super) fn row_key(attributes: &Item) -> Option<RowKey> {
    Some(RowKey { partition: text(attributes, "PK")?, sort: text(attributes, "SK")? })
}

pub(super) fn text(item: &Item, name: &str) -> Option<String> {
    item.get(name)?.as_s().ok().cloned()
}
