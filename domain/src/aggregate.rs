use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use skafu_events::DomainEvent;

use crate::{Principal, Rejection};

/// A consistency boundary: state folded from its own events, and the decisions made on it.
///
/// `Default` is the state before the first event. What is serialised is what a snapshot keeps.
pub trait Aggregate: Default + Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What happens to it.
    type Event: DomainEvent;
    /// What may be asked of it.
    type Command: Send + Sync;
    /// What a decision may need to know from outside the aggregate, gathered before it is made.
    type Facts: Default + Send + Sync;

    /// After how many events a new snapshot pays.
    const SNAPSHOT_EVERY: u64;

    /// Golden events of the aggregate, as JSON envelopes: one of every type and version. Folded in
    /// this order they tell a changed fold from an unchanged one; see [`schema`](crate::schema).
    const GOLDEN: &'static [&'static str];

    /// Applies one event of the past. Never fails: the past is not up for debate.
    fn evolve(&mut self, event: &Self::Event);

    /// Whether anything has happened to it yet.
    fn exists(&self) -> bool;

    /// The person it belongs to, once it exists.
    fn owner(&self) -> Option<&str>;

    /// What commands can change, by the names commands use: `configuration.runtime`.
    fn fields(&self) -> Map<String, Value>;

    /// What the command makes happen. No events: the command changes nothing that is not so already.
    fn decide(
        &self,
        command: &Self::Command,
        caller: &Principal,
        facts: &Self::Facts,
    ) -> Result<Decision<Self::Event>, Rejection>;
}

/// What a command makes happen.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision<E> {
    /// New events, in order.
    pub events: Vec<E>,
    /// Names taken or given back in the same transaction as the events.
    pub claims: Vec<Claim>,
}

impl<E> Decision<E> {
    /// Nothing happens: what was asked for is so already.
    pub fn nothing() -> Self {
        Self { events: Vec::new(), claims: Vec::new() }
    }

    /// These events happen, and no name changes hands.
    pub fn events(events: Vec<E>) -> Self {
        Self { events, claims: Vec::new() }
    }
}

/// A name that at most one aggregate of a tenant may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueName(String);

impl UniqueName {
    /// A project's name. Project names are ASCII, where lower case is the whole of case folding.
    pub fn project(name: &str) -> Self {
        Self(name.trim().to_ascii_lowercase())
    }

    /// The folded name, as it stands in the reservation's key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A change of hands of a unique name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The aggregate takes the name; refused if another holds it.
    Take(UniqueName),
    /// The aggregate gives the name back.
    Release(UniqueName),
}
