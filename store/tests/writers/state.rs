use serde_json::{Value, json};
use skafu_events::{AggregateKind, RecordedEvent, StreamId, Tenant};
use skafu_store::History;

/// What streams of this simulation fold to: how much happened, and the name taken last.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    pub events: u64,
    pub name: Option<String>,
}

impl State {
    /// The state a history shows, from its snapshot where it has one.
    pub fn of(history: &History) -> Self {
        let mut state = history.snapshot().map_or_else(Self::default, |snapshot| Self::from(&snapshot.state));
        history.events().for_each(|event| state.evolve(event));
        state
    }

    pub fn evolve(&mut self, event: &RecordedEvent) {
        self.events += 1;
        if let Some(name) = event.data["name"].as_str() {
            self.name = Some(name.to_owned());
        }
    }

    pub fn to_json(&self) -> Value {
        json!({ "events": self.events, "name": self.name })
    }
}

impl From<&Value> for State {
    fn from(json: &Value) -> Self {
        Self { events: json["events"].as_u64().unwrap(), name: json["name"].as_str().map(str::to_owned) }
    }
}

/// Each seed has a tenant of its own.
pub fn stream(seed: u64, at: usize) -> StreamId {
    StreamId::new(Tenant::new(format!("w{seed}")).unwrap(), AggregateKind::Project, format!("s{at}")).unwrap()
}
