//! The two tables of `template.yaml`, made and unmade as anywhere by requests.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TableStatus,
};

/// How long a table may take until it can be used. On AWS some ten seconds are usual.
const PATIENCE: Duration = Duration::from_secs(120);

fn keys(prefix: &str) -> Vec<KeySchemaElement> {
    let key = |name: &str, kind| {
        KeySchemaElement::builder().attribute_name(format!("{prefix}{name}")).key_type(kind).build().unwrap()
    };
    vec![key("PK", KeyType::Hash), key("SK", KeyType::Range)]
}

fn attributes(prefix: &str) -> Vec<AttributeDefinition> {
    let text = |name: &str| {
        let attribute = AttributeDefinition::builder().attribute_name(format!("{prefix}{name}"));
        attribute.attribute_type(ScalarAttributeType::S).build().unwrap()
    };
    vec![text("PK"), text("SK")]
}

fn index(name: &str) -> GlobalSecondaryIndex {
    let all = Projection::builder().projection_type(ProjectionType::All).build();
    let index = GlobalSecondaryIndex::builder().index_name(name).projection(all);
    index.set_key_schema(Some(keys(name))).build().unwrap()
}

/// Makes both tables, paid on demand, and waits until they can be used.
pub async fn create(client: &Client, events: &str, views: &str) {
    for (table, indexes) in [(events, &[][..]), (views, &["GSI1", "GSI2", "GSI3"][..])] {
        let mut definitions = attributes("");
        definitions.extend(indexes.iter().flat_map(|index| attributes(index)));
        let indexes: Vec<_> = indexes.iter().map(|name| index(name)).collect();
        let request = client.create_table().table_name(table).billing_mode(BillingMode::PayPerRequest);
        let request = request.set_key_schema(Some(keys(""))).set_attribute_definitions(Some(definitions));
        let request = request.set_global_secondary_indexes(Some(indexes).filter(|it| !it.is_empty()));
        request.send().await.unwrap();
    }
    for table in [events, views] {
        until_active(client, table).await;
    }
}

async fn until_active(client: &Client, table: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let described = client.describe_table().table_name(table).send().await;
        let status = described.ok().and_then(|it| it.table?.table_status);
        if status == Some(TableStatus::Active) {
            return;
        }
        assert!(Instant::now() < deadline, "{table} is {status:?} after {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Removes them, if they are there.
#[allow(dead_code, reason = "an embedded DynamoDB ends with its process")]
pub async fn delete<const N: usize>(client: &Client, tables: [&str; N]) {
    for table in tables {
        if let Err(error) = client.delete_table().table_name(table).send().await {
            let gone = error.as_service_error().is_some_and(|it| it.is_resource_not_found_exception());
            assert!(gone, "{table} is left behind: {error:?}");
        }
    }
}
