use serde::Serialize;
use skafu_domain::Aggregate;
use skafu_domain::project::Project;
use skafu_domain::repository::Repository;
use skafu_domain::template::Template;
use skafu_events::{AggregateKind, DomainEvent, RecordedEvent, UnknownEvent};

/// The state of an aggregate of any kind, folded as the functions fold it.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(in crate::cli) enum State {
    Project(Box<Project>),
    Template(Template),
    Repository(Repository),
}

impl State {
    /// Before the first event.
    pub(in crate::cli) fn new(kind: AggregateKind) -> Self {
        match kind {
            AggregateKind::Project => Self::Project(Box::default()),
            AggregateKind::Template => Self::Template(Template::default()),
            AggregateKind::Repository => Self::Repository(Repository::default()),
        }
    }

    /// After one event more, whatever schema version it was stored with.
    pub(in crate::cli) fn apply(&mut self, event: &RecordedEvent) -> Result<(), UnknownEvent> {
        match self {
            Self::Project(state) => apply(state.as_mut(), event),
            Self::Template(state) => apply(state, event),
            Self::Repository(state) => apply(state, event),
        }
    }

    /// Whether the events so far created it.
    pub(in crate::cli) fn exists(&self) -> bool {
        match self {
            Self::Project(state) => state.exists(),
            Self::Template(state) => state.exists(),
            Self::Repository(state) => state.exists(),
        }
    }
}

fn apply<A: Aggregate>(state: &mut A, event: &RecordedEvent) -> Result<(), UnknownEvent> {
    state.evolve(&A::Event::decode(&event.event_type, event.event_version, &event.data)?);
    Ok(())
}
