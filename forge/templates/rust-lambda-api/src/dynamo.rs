//! The items in a DynamoDB table whose key is `id`.

use std::collections::HashMap;
use std::env::{self, VarError};

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use crate::item::Item;
use crate::store::{Items, Page, StoreError};

/// The most items in a page.
const PAGE: i32 = 100;

/// Items in a table.
pub struct DynamoItems {
    client: Client,
    table: String,
}

impl DynamoItems {
    /// The table and the credentials that Lambda puts into a function's environment.
    pub fn from_environment() -> Result<Self, VarError> {
        let credentials = Credentials::new(
            env::var("AWS_ACCESS_KEY_ID")?,
            env::var("AWS_SECRET_ACCESS_KEY")?,
            env::var("AWS_SESSION_TOKEN").ok(),
            None,
            "environment",
        );
        let http = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(env::var("AWS_REGION")?))
            .credentials_provider(credentials)
            .http_client(http)
            .build();
        Ok(Self {
            client: Client::from_conf(config),
            table: env::var("TABLE_NAME")?,
        })
    }
}

impl Items for DynamoItems {
    async fn add(&self, item: &Item) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.table);
        let put = put.item("id", text(&item.id)).item("name", text(&item.name));
        put.condition_expression("attribute_not_exists(id)")
            .send()
            .await
            .map_err(StoreError::new)?;
        Ok(())
    }

    async fn find(&self, id: &str) -> Result<Option<Item>, StoreError> {
        let get = self.client.get_item().table_name(&self.table).key("id", text(id));
        let found = get.send().await.map_err(StoreError::new)?;
        found.item.map(read).transpose()
    }

    async fn page(&self, after: Option<&str>) -> Result<Page, StoreError> {
        let start = after.map(|id| HashMap::from([("id".to_owned(), text(id))]));
        let scan = self
            .client
            .scan()
            .table_name(&self.table)
            .limit(PAGE)
            .set_exclusive_start_key(start);
        let found = scan.send().await.map_err(StoreError::new)?;
        let items = found
            .items
            .unwrap_or_default()
            .into_iter()
            .map(read)
            .collect::<Result<_, _>>()?;
        let next = found
            .last_evaluated_key
            .map(|mut key| take(&mut key, "id"))
            .transpose()?;
        Ok(Page { items, next })
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn read(mut attributes: HashMap<String, AttributeValue>) -> Result<Item, StoreError> {
    Ok(Item {
        id: take(&mut attributes, "id")?,
        name: take(&mut attributes, "name")?,
    })
}

fn take(attributes: &mut HashMap<String, AttributeValue>, name: &str) -> Result<String, StoreError> {
    match attributes.remove(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(StoreError::new(format!("an item has no text `{name}`"))),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_sdk_dynamodb::config::RuntimeComponents;
    use aws_sdk_dynamodb::config::http::HttpRequest;

    use aws_smithy_runtime_api::client::http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    };
    use aws_smithy_types::body::SdkBody;
    use lambda_http::http::Response;
    use serde_json::{Value, json};

    use super::*;

    /// Answers every request with the same, and keeps what was sent.
    #[derive(Debug, Clone)]
    struct Wire {
        answer: String,
        sent: Arc<Mutex<Vec<Value>>>,
    }

    impl HttpConnector for Wire {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let sent = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            self.sent.lock().unwrap().push(sent);
            let answer = Response::new(SdkBody::from(self.answer.as_str()));
            HttpConnectorFuture::ready(Ok(answer.try_into().unwrap()))
        }
    }

    impl HttpClient for Wire {
        fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
            SharedHttpConnector::new(self.clone())
        }
    }

    /// A table behind such a wire.
    fn table(answer: Value) -> (DynamoItems, Wire) {
        let wire = Wire {
            answer: answer.to_string(),
            sent: Arc::default(),
        };
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
            .http_client(wire.clone())
            .build();
        (
            DynamoItems {
                client: Client::from_conf(config),
                table: "items".to_owned(),
            },
            wire,
        )
    }

    /// The one request that was sent.
    fn body(wire: &Wire) -> Value {
        let sent = wire.sent.lock().unwrap();
        assert_eq!(sent.len(), 1);
        sent[0].clone()
    }

    fn tea() -> Item {
        Item {
            id: "1".to_owned(),
            name: "tea".to_owned(),
        }
    }

    #[tokio::test]
    async fn an_item_is_added_but_never_replaced() {
        let (items, wire) = table(json!({}));
        items.add(&tea()).await.unwrap();
        let expected = json!({
            "TableName": "items",
            "Item": { "id": { "S": "1" }, "name": { "S": "tea" } },
            "ConditionExpression": "attribute_not_exists(id)",
        });
        assert_eq!(body(&wire), expected);
    }

    #[tokio::test]
    async fn an_item_is_found_by_its_id() {
        let (items, wire) = table(json!({ "Item": { "id": { "S": "1" }, "name": { "S": "tea" } } }));
        assert_eq!(items.find("1").await.unwrap(), Some(tea()));
        assert_eq!(
            body(&wire),
            json!({ "TableName": "items", "Key": { "id": { "S": "1" } } })
        );
        let (items, _) = table(json!({}));
        assert_eq!(items.find("2").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_page_says_where_the_next_begins() {
        let (items, wire) = table(json!({
            "Items": [{ "id": { "S": "1" }, "name": { "S": "tea" } }],
            "LastEvaluatedKey": { "id": { "S": "1" } },
        }));
        let page = items.page(Some("0")).await.unwrap();
        assert_eq!(
            page,
            Page {
                items: vec![tea()],
                next: Some("1".to_owned())
            }
        );
        let expected = json!({ "TableName": "items", "Limit": 100, "ExclusiveStartKey": { "id": { "S": "0" } } });
        assert_eq!(body(&wire), expected);
    }

    #[tokio::test]
    async fn an_item_without_a_name_is_an_error() {
        let (items, _) = table(json!({ "Item": { "id": { "S": "1" } } }));
        assert!(items.find("1").await.is_err());
    }
}
