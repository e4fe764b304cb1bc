use std::sync::Arc;

use serde_json::{Value, json};
use skafu_events::{AggregateKind, Commit, Envelope};
use skafu_functions::queues::MemoryQueue;
use skafu_functions::relay::{BusEntry, EventPublisher, Relay, RelayQueues};

use super::{World, inserted, stream_event};

/// Two projects whose creation is stuck: each a commit of one event and a commit of two.
pub async fn two_projects() -> (Vec<Commit>, Vec<Commit>) {
    let world = World::new().await;
    let mut projects = Vec::new();
    for name in ["One", "Two"] {
        let id = world.stuck(name).await;
        projects.push(world.commits(AggregateKind::Project, &id));
    }
    let two = projects.pop().unwrap();
    (projects.pop().unwrap(), two)
}

/// The commits as stream records, with sequence numbers 100, 101 …
pub fn records<'a>(commits: impl IntoIterator<Item = &'a Commit>) -> Vec<Value> {
    commits.into_iter().zip(100..).map(|(commit, at)| inserted(commit, &at.to_string())).collect()
}

/// What was published of one stream.
pub fn of<'a>(entries: &'a [BusEntry], commits: &[Commit]) -> Vec<&'a Envelope> {
    let id = commits[0].stream.aggregate_id();
    entries.iter().map(|entry| &entry.detail).filter(|detail| detail.aggregate_id == id).collect()
}

/// The queues of a relay.
#[derive(Default, Clone)]
pub struct Queues {
    pub unpublished: Arc<MemoryQueue>,
    pub sweep: Arc<MemoryQueue>,
}

impl Queues {
    pub async fn relay(&self, bus: Arc<dyn EventPublisher>, records: Vec<Value>) -> Value {
        let queues = RelayQueues { unpublished: self.unpublished.clone(), sweep: self.sweep.clone() };
        serde_json::to_value(Relay::new(bus, queues).handle(stream_event(records)).await).unwrap()
    }

    pub fn unpublished(&self) -> Vec<Value> {
        json_of(&self.unpublished)
    }

    pub fn notes(&self) -> Vec<Value> {
        json_of(&self.sweep)
    }
}

fn json_of(queue: &MemoryQueue) -> Vec<Value> {
    queue.bodies().iter().map(|body| serde_json::from_str(body).unwrap()).collect()
}

pub async fn relay(bus: Arc<dyn EventPublisher>, records: Vec<Value>) -> Value {
    Queues::default().relay(bus, records).await
}

pub fn key(commits: &[Commit], from: u64, to: u64) -> Value {
    json!({ "stream": commits[0].stream, "fromVersion": from, "toVersion": to })
}

pub fn all_is_well() -> Value {
    json!({ "batchItemFailures": [] })
}

pub fn again_from(sequence_number: &str) -> Value {
    json!({ "batchItemFailures": [{ "itemIdentifier": sequence_number }] })
}
