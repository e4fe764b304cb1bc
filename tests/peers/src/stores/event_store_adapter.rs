//! `event-store-adapter-rs`. It appends one event at a time.

use async_trait::async_trait;
use chrono::Utc;
use event_store_adapter_rs::{
    AggregateId, DynamoDbOptions, DynamoDbTables, EventEnvelope, EventStoreForDynamoDB, SnapshotEnvelope,
};

use super::{Both, Ways};
use crate::Failure;
use crate::subject::{Document, Edited, SNAPSHOT_EVERY, Subject, Via};

type Store = EventStoreForDynamoDB<DocumentId, Document, Edited>;

#[derive(Debug, Clone)]
pub struct DocumentId(String);

impl AggregateId for DocumentId {
    fn type_name(&self) -> String {
        "document".to_owned()
    }

    fn value(&self) -> String {
        self.0.clone()
    }
}

pub struct EventStoreAdapter {
    stores: Both<Store>,
    text_bytes: usize,
}

fn failure(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::new("event-store-adapter-rs", error)
}

impl EventStoreAdapter {
    pub async fn open(ways: Ways, text_bytes: usize) -> Result<Self, Failure> {
        let tables = DynamoDbTables {
            journal_table_name: "esa-journal".to_owned(),
            snapshot_table_name: "esa-snapshot".to_owned(),
            head_table_name: "esa-head".to_owned(),
            snapshot_history_index_name: "esa-history".to_owned(),
        };
        let open = |via| Store::open(ways.client(via), tables.clone(), DynamoDbOptions::default());
        let direct = open(Via::Direct).await.map_err(failure)?;
        let counting = open(Via::Counting).await.map_err(failure)?;
        Ok(Self { stores: Both { counting, direct }, text_bytes })
    }

    /// The document and its version.
    async fn load(store: &Store, id: &DocumentId) -> Result<(Document, u64), Failure> {
        let Some(read) = store.get_latest_snapshot_by_id(id).await.map_err(failure)? else {
            return Ok((Document::default(), 0));
        };
        let (snapshot, head) = read.into_parts();
        let (mut document, base) = snapshot.map_or_else(Default::default, |snapshot| {
            let version = snapshot.seq_nr();
            (snapshot.into_aggregate(), version)
        });
        // Its head tells whether there is anything to read after the snapshot.
        if head > base {
            let events = store.get_events_by_id_since_seq_nr(id, base + 1).await.map_err(failure)?;
            events.iter().for_each(|event| document.apply(event.payload()));
        }
        Ok((document, head))
    }

    async fn append(
        store: &Store,
        id: &DocumentId,
        version: u64,
        event: Edited,
        document: &mut Document,
    ) -> Result<(), Failure> {
        document.apply(&event);
        let envelope = EventEnvelope::new(id.clone(), version, Utc::now(), event).with_manifest("edited/v1");
        if version.is_multiple_of(SNAPSHOT_EVERY as u64) {
            let snapshot = SnapshotEnvelope::new(document.clone(), version).with_manifest("document/v1");
            return store.persist_event_and_snapshot(envelope, snapshot).await.map_err(failure);
        }
        store.persist_event(envelope).await.map_err(failure)
    }
}

#[async_trait]
impl Subject for EventStoreAdapter {
    fn name(&self) -> &'static str {
        "event-store-adapter-rs"
    }

    async fn seed(&self, id: &str, events: usize) -> Result<(), Failure> {
        let (id, mut document) = (DocumentId(id.to_owned()), Document::default());
        for version in 1..=events as u64 {
            let event = Edited { text: "x".repeat(self.text_bytes) };
            Self::append(&self.stores.direct, &id, version, event, &mut document).await?;
        }
        Ok(())
    }

    async fn command(&self, via: Via, id: &str, events: usize) -> Result<(), Failure> {
        let (store, id) = (self.stores.of(via), DocumentId(id.to_owned()));
        let (mut document, head) = Self::load(store, &id).await?;
        for (event, version) in document.decide(events, self.text_bytes).into_iter().zip(head + 1..) {
            Self::append(store, &id, version, event, &mut document).await?;
        }
        Ok(())
    }

    async fn edits(&self, id: &str) -> Result<u64, Failure> {
        Ok(Self::load(&self.stores.direct, &DocumentId(id.to_owned())).await?.0.edits)
    }
}
