use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value};
use skafu_events::{StreamId, Timestamp};
use skafu_store::aws::Connection;
use skafu_store::{
    Consistency, Draft, DynamoEventStore, DynamoViewStore, EventStore, History, NewEvent, Row, RowKey,
    ViewStore,
};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

/// What the tables of a system are called.
#[derive(Debug, Clone)]
pub struct TableNames {
    pub events: String,
    pub views: String,
}

/// The tables of a running system, as anybody with the DynamoDB API gets at them.
pub struct Tables {
    runtime: Runtime,
    client: Client,
    names: TableNames,
}

type Item = HashMap<String, AttributeValue>;

impl Tables {
    pub fn new(connection: Connection, names: TableNames) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let client = {
            let _inside = runtime.enter();
            connection.dynamodb()
        };
        Self { runtime, client, names }
    }

    /// Those of a system on this machine.
    pub fn at(url: &str) -> Self {
        let names = TableNames { events: "skafu-events".to_owned(), views: "skafu-views".to_owned() };
        Self::new(Connection::local(url), names)
    }

    /// Every item of the event table whose partition key contains this text.
    fn scan(&self, part: &str) -> Vec<Item> {
        let part = AttributeValue::S(part.to_owned());
        self.runtime.block_on(async {
            let (mut items, mut start) = (Vec::new(), None);
            loop {
                let scan = self.client.scan().table_name(&self.names.events).consistent_read(true);
                let scan = scan.filter_expression("contains(PK, :part)");
                let scan = scan.expression_attribute_values(":part", part.clone());
                let page = scan.set_exclusive_start_key(start).send().await.unwrap();
                items.extend(page.items.unwrap_or_default());
                start = page.last_evaluated_key.filter(|key| !key.is_empty());
                if start.is_none() {
                    return items;
                }
            }
        })
    }

    /// How many items the event table holds: commits, reserved names, snapshots.
    pub fn event_items(&self) -> usize {
        self.event_items_of("/")
    }

    /// The same of the tenants whose names end so.
    pub fn event_items_of(&self, ending: &str) -> usize {
        self.scan(ending).len()
    }

    /// Every stream in the event table with its history. Loading one fails unless it is without gaps.
    pub fn histories(&self) -> BTreeMap<StreamId, History> {
        self.histories_of("/")
    }

    /// The same of a tenant, given with the slash after it.
    pub fn histories_of(&self, tenant: &str) -> BTreeMap<StreamId, History> {
        let is_commit = |item: &Item| item["SK"].as_s().unwrap().starts_with("EVENT#");
        let stream = |item: Item| item["PK"].as_s().unwrap().parse::<StreamId>().unwrap();
        let streams: BTreeSet<_> = self.scan(tenant).into_iter().filter(is_commit).map(stream).collect();
        streams.into_iter().map(|stream| (stream.clone(), self.history(&stream))).collect()
    }

    /// All that is known of an aggregate.
    pub fn history(&self, stream: &StreamId) -> History {
        self.runtime.block_on(self.events().load(stream, Consistency::Strong)).unwrap()
    }

    fn events(&self) -> DynamoEventStore {
        DynamoEventStore::new(self.client.clone(), &self.names.events)
    }

    /// A row of the view table.
    pub fn row(&self, partition: String) -> Option<Row> {
        let views = DynamoViewStore::new(self.client.clone(), &self.names.views);
        let key = RowKey { partition, sort: "ROW".to_owned() };
        self.runtime.block_on(views.get(&key, Consistency::Strong)).unwrap()
    }

    /// Appends an event of any type, as another writer would, and returns its version.
    pub fn append(&self, stream: &StreamId, event_type: &str, data: Value) -> u64 {
        let draft = Draft {
            events: vec![NewEvent { event_type: event_type.to_owned(), event_version: 1, data }],
            command_id: Uuid::now_v7(),
            body_hash: String::new(),
            correlation_id: Uuid::now_v7(),
            user_id: "another-writer".to_owned(),
            timestamp: Timestamp::from(chrono::Utc::now()),
            metadata: Map::new(),
        };
        let history = self.history(stream);
        self.runtime.block_on(self.events().append(&history, draft, &[])).unwrap().last_version()
    }

    /// Makes the event of that version one of another type: what a new version of the code does.
    pub fn mend(&self, stream: &StreamId, version: u64, event_type: &str) {
        let text = |text: String| AttributeValue::S(text);
        self.runtime.block_on(async {
            let get =
                self.client.get_item().table_name(&self.names.events).key("PK", text(stream.to_string()));
            let get = get.key("SK", text(format!("EVENT#{version:010}")));
            let mut item = get.send().await.unwrap().item.unwrap();
            let Some(AttributeValue::L(events)) = item.get_mut("events") else { panic!("no events") };
            let AttributeValue::M(event) = &mut events[0] else { panic!("no event") };
            event.insert("eventType".to_owned(), text(event_type.to_owned()));
            self.client.put_item().table_name(&self.names.events).set_item(Some(item)).send().await.unwrap();
        });
    }
}
