//! Our own store, used as the command handler uses it.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use chrono::Utc;
use serde::Deserialize;
use serde_json::{Map, json};
use skafu_events::{AggregateKind, Commit, RecordedEvent, StreamId, Tenant, event_id};
use skafu_store::{
    Consistency, Draft, DynamoEventStore, EventStore, History, NewEvent, Snapshot, encode_commit,
};
use uuid::Uuid;

use super::{Both, Ways};
use crate::Failure;
use crate::subject::{Document, EVENT_TYPE, Edited, SNAPSHOT_EVERY, Subject, Via};

const TABLE: &str = "skafu";
const SCHEMA: &str = "5f2f1c0d9a7b4e63";
const USER: &str = "2f6c1a84-5b0e-4a57-9d1c-7d4f3b8e9a10";
const BODY_HASH: &str = "9f86d081884c7d659a2feaa0c55ad015";
/// What one `BatchWriteItem` takes.
const BATCH: usize = 25;

pub struct Skafu {
    stores: Both<DynamoEventStore>,
    client: aws_sdk_dynamodb::Client,
    text_bytes: usize,
}

fn failure(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::new("skafu", error)
}

fn stream(id: &str) -> Result<StreamId, Failure> {
    let tenant = Tenant::new("acme").map_err(failure)?;
    StreamId::new(tenant, AggregateKind::Project, id.to_owned()).map_err(failure)
}

impl Skafu {
    pub fn new(ways: Ways, text_bytes: usize) -> Self {
        let store = |via| DynamoEventStore::new(ways.client(via), TABLE);
        let stores = Both { counting: store(Via::Counting), direct: store(Via::Direct) };
        Self { stores, client: ways.client(Via::Direct), text_bytes }
    }

    fn fold(history: &History) -> Result<Document, Failure> {
        let base = history.snapshot().map(|snapshot| Document::deserialize(&snapshot.state));
        let mut document: Document = base.transpose().map_err(failure)?.unwrap_or_default();
        for event in history.events() {
            document.apply(&Edited::deserialize(&event.data).map_err(failure)?);
        }
        Ok(document)
    }
}

#[async_trait]
impl Subject for Skafu {
    fn name(&self) -> &'static str {
        "skafu-store"
    }

    async fn seed(&self, id: &str, events: usize) -> Result<(), Failure> {
        let stream = stream(id)?;
        let versions: Vec<u64> = (1..=events as u64).collect();
        for batch in versions.chunks(BATCH) {
            let mut writes = Vec::with_capacity(BATCH);
            for version in batch {
                let event = RecordedEvent {
                    event_id: event_id(&stream, *version),
                    event_type: EVENT_TYPE.to_owned(),
                    event_version: 1,
                    data: json!({ "text": "x".repeat(self.text_bytes) }),
                    data_ref: None,
                };
                let commit = Commit {
                    stream: stream.clone(),
                    first_version: *version,
                    events: vec![event],
                    command_id: Uuid::now_v7(),
                    body_hash: BODY_HASH.to_owned(),
                    correlation_id: Uuid::now_v7(),
                    user_id: USER.to_owned(),
                    timestamp: Utc::now().into(),
                    metadata: Map::new(),
                };
                let item = encode_commit(&commit).map_err(failure)?;
                let put = PutRequest::builder().set_item(Some(item)).build().map_err(failure)?;
                writes.push(WriteRequest::builder().put_request(put).build());
            }
            self.client.batch_write_item().request_items(TABLE, writes).send().await.map_err(failure)?;
        }
        let last = events - events % SNAPSHOT_EVERY;
        if last > 0 {
            let history = self.stores.direct.load(&stream, Consistency::Strong).await.map_err(failure)?;
            let mut state = Self::fold(&history)?;
            state.edits = last as u64;
            let state = serde_json::to_value(state).map_err(failure)?;
            let schema = SCHEMA.to_owned();
            let snapshot = Snapshot { version: last as u64, schema, state, recent: history.recent() };
            self.stores.direct.save_snapshot(&stream, &snapshot).await.map_err(failure)?;
        }
        Ok(())
    }

    async fn command(&self, via: Via, id: &str, events: usize) -> Result<(), Failure> {
        let (store, stream, command_id) = (self.stores.of(via), stream(id)?, Uuid::now_v7());
        let history = store.load_latest(&stream, Consistency::Eventual, SCHEMA).await.map_err(failure)?;
        let mut document = Self::fold(&history)?;
        if history.accepted(command_id, USER).is_some() {
            return Err(Failure::new("skafu", "a new command was accepted before"));
        }
        let decided = document.decide(events, self.text_bytes);
        let new = decided.iter().map(|event| {
            let data = serde_json::to_value(event)?;
            Ok(NewEvent { event_type: EVENT_TYPE.to_owned(), event_version: 1, data })
        });
        let draft = Draft {
            events: new.collect::<Result<_, serde_json::Error>>().map_err(failure)?,
            command_id,
            body_hash: BODY_HASH.to_owned(),
            correlation_id: Uuid::now_v7(),
            user_id: USER.to_owned(),
            timestamp: Utc::now().into(),
            metadata: Map::new(),
        };
        let commit = store.append(&history, draft, &[]).await.map_err(failure)?;
        if commit.last_version() - history.snapshot_version() >= SNAPSHOT_EVERY as u64 {
            decided.iter().for_each(|event| document.apply(event));
            let mut recent = history.recent();
            recent.remember(&commit);
            let (version, schema) = (commit.last_version(), SCHEMA.to_owned());
            let state = serde_json::to_value(&document).map_err(failure)?;
            let snapshot = Snapshot { version, schema, state, recent };
            store.save_snapshot(&stream, &snapshot).await.map_err(failure)?;
        }
        Ok(())
    }

    async fn edits(&self, id: &str) -> Result<u64, Failure> {
        let loaded = self.stores.direct.load_latest(&stream(id)?, Consistency::Strong, SCHEMA).await;
        Ok(Self::fold(&loaded.map_err(failure)?)?.edits)
    }
}
