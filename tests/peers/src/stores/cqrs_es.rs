//! `cqrs-es` with `dynamo-es`, both of the ways it has to keep a copy of the state.

use async_trait::async_trait;
use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::{PersistedEventRepository, PersistedEventStore, SerializedEvent};
use cqrs_es::{Aggregate, CqrsFramework, DomainEvent, EventStore};
use dynamo_es::DynamoEventRepository;
use serde_json::json;

use super::{Both, Ways};
use crate::Failure;
use crate::subject::{Document, EVENT_TYPE, Edited, SNAPSHOT_EVERY, Subject, Via};

/// What it takes in one transaction, less the snapshot.
const BATCH: usize = 24;

type Store = PersistedEventStore<DynamoEventRepository, Document>;

/// How it keeps a copy of the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A snapshot every so many events.
    Snapshots,
    /// The state with every command.
    AggregateStore,
}

pub struct CqrsEs {
    mode: Mode,
    frameworks: Both<CqrsFramework<Document, Store>>,
    store: Store,
    repository: DynamoEventRepository,
    text_bytes: usize,
}

fn failure(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::new("cqrs-es", error)
}

impl DomainEvent for Edited {
    fn event_type(&self) -> String {
        EVENT_TYPE.to_owned()
    }

    fn event_version(&self) -> String {
        "1".to_owned()
    }
}

/// Edit it so many times, with texts of so many bytes.
pub struct Edit(usize, usize);

impl Aggregate for Document {
    const TYPE: &'static str = "document";
    type Command = Edit;
    type Event = Edited;
    type Error = std::convert::Infallible;
    type Services = ();

    async fn handle(&mut self, command: Edit, (): &(), sink: &EventSink<Self>) -> Result<(), Self::Error> {
        for event in self.decide(command.0, command.1) {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Edited) {
        Document::apply(self, &event);
    }
}

impl CqrsEs {
    pub fn new(ways: Ways, mode: Mode, text_bytes: usize) -> Self {
        let (events, snapshots) = match mode {
            Mode::Snapshots => ("cqrs-snapshot-events", "cqrs-snapshot-snapshots"),
            Mode::AggregateStore => ("cqrs-aggregate-events", "cqrs-aggregate-snapshots"),
        };
        let repository = |via| DynamoEventRepository::new(ways.client(via)).with_tables(events, snapshots);
        let store = |via| match mode {
            Mode::Snapshots => Store::new_snapshot_store(repository(via), SNAPSHOT_EVERY),
            Mode::AggregateStore => Store::new_aggregate_store(repository(via)),
        };
        let framework = |via| CqrsFramework::new(store(via), vec![], ());
        let frameworks = Both { counting: framework(Via::Counting), direct: framework(Via::Direct) };
        Self { mode, frameworks, store: store(Via::Direct), repository: repository(Via::Direct), text_bytes }
    }
}

#[async_trait]
impl Subject for CqrsEs {
    fn name(&self) -> &'static str {
        match self.mode {
            Mode::Snapshots => "cqrs-es, snapshots",
            Mode::AggregateStore => "cqrs-es, aggregate store",
        }
    }

    async fn seed(&self, id: &str, events: usize) -> Result<(), Failure> {
        let last = match self.mode {
            Mode::Snapshots => events - events % SNAPSHOT_EVERY,
            Mode::AggregateStore => events,
        };
        let text = "x".repeat(self.text_bytes);
        let event = |sequence| SerializedEvent {
            aggregate_id: id.to_owned(),
            sequence,
            aggregate_type: Document::TYPE.to_owned(),
            event_type: EVENT_TYPE.to_owned(),
            event_version: "1".to_owned(),
            payload: json!({ "text": text }),
            metadata: json!({}),
        };
        let mut written = 0;
        while written < events {
            // A transaction ends where the snapshot belongs.
            let until = if written < last { last } else { events };
            let end = until.min(written + BATCH);
            let batch: Vec<_> = (written + 1..=end).map(event).collect();
            let snapshot = (end == last).then(|| (id.to_owned(), json!({ "edits": last, "text": text }), 1));
            self.repository.persist::<Document>(&batch, snapshot).await.map_err(failure)?;
            written = end;
        }
        Ok(())
    }

    async fn command(&self, via: Via, id: &str, events: usize) -> Result<(), Failure> {
        self.frameworks.of(via).execute(id, Edit(events, self.text_bytes)).await.map_err(failure)
    }

    async fn edits(&self, id: &str) -> Result<u64, Failure> {
        let context = self.store.load_aggregate(id).await.map_err(failure)?;
        Ok(context.aggregate.edits)
    }
}
