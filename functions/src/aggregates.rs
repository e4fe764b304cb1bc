//! Loading aggregates: from a snapshot where there is one this code can use, and keeping the next one.

use skafu_domain::{Aggregate, schema};
use skafu_events::{Commit, DomainEvent, RecordedEvent, StreamId};
use skafu_store::{Chain, Consistency, EventStore, History, Snapshot};

use crate::Problem;

/// An aggregate as it stands.
pub struct Loaded<A> {
    /// What was read: the state's version, and what was accepted lately.
    pub history: History,
    /// The state.
    pub state: A,
}

/// Loads an aggregate: one query.
pub async fn load<A: Aggregate>(
    store: &dyn EventStore,
    stream: &StreamId,
    consistency: Consistency,
) -> Result<Loaded<A>, Problem> {
    let history = store.load_latest(stream, consistency, &schema::<A>()).await?;
    let base = history.snapshot().map(|snapshot| serde_json::from_value(snapshot.state.clone()));
    match base {
        None => Ok(Loaded { state: fold(&history)?, history }),
        Some(Ok(base)) => Ok(Loaded { state: apply(base, stream, history.events())?, history }),
        Some(Err(error)) => {
            // A snapshot is a copy; a damaged one costs a longer read, nothing else.
            tracing::warn!(%stream, %error, "a snapshot is damaged and is passed over");
            let history = store.load(stream, consistency).await?;
            Ok(Loaded { state: fold(&history)?, history })
        }
    }
}

/// The state after all events of a whole history.
pub fn fold<A: Aggregate>(history: &History) -> Result<A, Problem> {
    apply(A::default(), history.stream(), history.events())
}

/// The state right after that version, of a whole history.
pub fn fold_until<A: Aggregate>(history: &History, version: u64) -> Result<A, Problem> {
    let events = history.events().take(usize::try_from(version).unwrap_or(usize::MAX));
    apply(A::default(), history.stream(), events)
}

fn apply<'a, A: Aggregate>(
    mut state: A,
    stream: &StreamId,
    events: impl Iterator<Item = &'a RecordedEvent>,
) -> Result<A, Problem> {
    for event in events {
        match A::Event::decode(&event.event_type, event.event_version, &event.data) {
            Ok(event) => state.evolve(&event),
            Err(error) => {
                tracing::error!(error = %Chain(&error), %stream, "an event cannot be read");
                return Err(Problem::internal());
            }
        }
    }
    Ok(state)
}

/// Keeps a snapshot, if enough has happened since the last one. Best effort: the commit is written.
pub(crate) async fn keep_snapshot<A: Aggregate>(
    store: &dyn EventStore,
    history: &History,
    commit: &Commit,
    mut state: A,
    events: &[A::Event],
) {
    if commit.last_version() - history.snapshot_version() < A::SNAPSHOT_EVERY {
        return;
    }
    events.iter().for_each(|event| state.evolve(event));
    let mut recent = history.recent();
    recent.remember(commit);
    let kept = match serde_json::to_value(&state) {
        Ok(state) => {
            let (version, schema) = (commit.last_version(), schema::<A>().to_string());
            let snapshot = Snapshot { version, schema, state, recent };
            store.save_snapshot(history.stream(), &snapshot).await.map_err(|error| error.to_string())
        }
        Err(error) => Err(error.to_string()),
    };
    if let Err(error) = kept {
        tracing::warn!(stream = %history.stream(), error, "no snapshot was kept");
    }
}
