use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use skafu_events::StreamId;
use skafu_store::aws::Connection;
use skafu_store::{
    Consistency, DynamoEventStore, DynamoViewStore, EventStore, History, Row, RowKey, ViewStore,
};
use tokio::runtime::{Builder, Runtime};

const EVENTS: &str = "skafu-events";
const VIEWS: &str = "skafu-views";

/// The tables of a running system, read as anybody with the DynamoDB API reads them.
pub struct Tables {
    runtime: Runtime,
    client: Client,
}

type Item = HashMap<String, AttributeValue>;

impl Tables {
    pub fn new(url: &str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let client = {
            let _inside = runtime.enter();
            Connection::local(url).dynamodb()
        };
        Self { runtime, client }
    }

    /// Every item of the event table.
    fn scan(&self) -> Vec<Item> {
        self.runtime.block_on(async {
            let (mut items, mut start) = (Vec::new(), None);
            loop {
                let scan = self.client.scan().table_name(EVENTS).consistent_read(true);
                let page = scan.set_exclusive_start_key(start).send().await.unwrap();
                items.extend(page.items.unwrap_or_default());
                start = page.last_evaluated_key.filter(|key| !key.is_empty());
                if start.is_none() {
                    return items;
                }
            }
        })
    }

    /// How many items the event table holds: commits and reserved names.
    pub fn event_items(&self) -> usize {
        self.scan().len()
    }

    /// Every stream in the event table with its history. Loading one fails unless it is without gaps.
    pub fn histories(&self) -> BTreeMap<StreamId, History> {
        let is_commit = |item: &Item| item["SK"].as_s().unwrap().starts_with("EVENT#");
        let stream = |item: Item| item["PK"].as_s().unwrap().parse::<StreamId>().unwrap();
        let streams: BTreeSet<_> = self.scan().into_iter().filter(is_commit).map(stream).collect();
        let store = DynamoEventStore::new(self.client.clone(), EVENTS);
        let load = |stream: StreamId| {
            let history = self.runtime.block_on(store.load(&stream, Consistency::Strong)).unwrap();
            (stream, history)
        };
        streams.into_iter().map(load).collect()
    }

    /// A row of the view table.
    pub fn row(&self, partition: String) -> Option<Row> {
        let views = DynamoViewStore::new(self.client.clone(), VIEWS);
        let key = RowKey { partition, sort: "ROW".to_owned() };
        self.runtime.block_on(views.get(&key, Consistency::Strong)).unwrap()
    }
}
