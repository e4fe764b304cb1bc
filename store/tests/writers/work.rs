use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;
use skafu_events::Commit;
use skafu_store::faults::{FaultyStore, Random};
use skafu_store::{AppendError, Consistency, Draft, EventStore, History, NameClaim, Snapshot, StoreError};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::contract::draft;
use super::state::{State, stream};

pub const STREAMS: usize = 3;
/// Fewer than streams would like to have.
pub const NAMES: [&str; 3] = ["shop", "blog", "wiki"];
pub const SCHEMA: &str = "writers";
const SNAPSHOT_EVERY: u64 = 5;

/// What a writer wants on record.
#[derive(Debug, Clone)]
pub struct Intent {
    pub command: u128,
    pub stream: usize,
    pub events: usize,
    /// The name the stream is to have from now on.
    pub name: Option<&'static str>,
}

/// What it was told.
#[derive(Debug)]
pub struct Told {
    pub intent: Intent,
    pub invoked: u64,
    pub answered: u64,
    /// The version of its commit; none: another stream has the name.
    pub version: Option<u64>,
}

impl Told {
    pub fn led_to(&self, commit: &Commit) -> bool {
        commit.command_id == Uuid::from_u128(self.intent.command)
    }
}

/// Two to eight writers with two to eight intents each, some of which another has as well.
fn plans(seed: u64) -> Vec<Vec<Intent>> {
    let mut random = Random::new(seed);
    let (writers, each) = (2 + random.below(7), 2 + random.below(7));
    let mut plans = vec![Vec::new(); writers];
    for (writer, plan) in plans.iter_mut().enumerate() {
        for turn in 0..each {
            let name = random.chance(30).then(|| NAMES[random.below(NAMES.len())]);
            let (stream, events) = ([0, 0, 1, 2][random.below(4)], 1 + random.below(3));
            let command = 1 + (writer * 100 + turn) as u128;
            plan.push(Intent { command, stream, events, name });
        }
    }
    for writer in 0..writers {
        let (turn, other) = (random.below(each), random.below(writers));
        if random.chance(30) && other != writer {
            let twin = plans[writer][turn].clone();
            plans[other].insert(random.below(each), twin);
        }
    }
    plans
}

/// Everybody writes what they have to; what they were told.
pub async fn everybody<S: EventStore + 'static>(store: &Arc<FaultyStore<S>>, seed: u64) -> Vec<Told> {
    let (mut writers, time) = (JoinSet::new(), Arc::new(AtomicU64::new(1)));
    for plan in plans(seed) {
        let (store, time) = (Arc::clone(store), Arc::clone(&time));
        writers.spawn(async move {
            let mut told = Vec::new();
            for intent in plan {
                let invoked = time.fetch_add(1, Ordering::SeqCst);
                let version = insist(&*store, seed, &intent).await;
                let answered = time.fetch_add(1, Ordering::SeqCst);
                told.push(Told { intent, invoked, answered, version });
            }
            told
        });
    }
    let mut all = Vec::new();
    while let Some(told) = writers.join_next().await {
        all.extend(told.unwrap());
    }
    all
}

/// As a command does it: on what a cheap read shows, then on what is known for sure, until it is told.
pub async fn insist(store: &dyn EventStore, seed: u64, intent: &Intent) -> Option<u64> {
    let (stream, mut consistency) = (stream(seed, intent.stream), Consistency::Eventual);
    loop {
        let read = std::mem::replace(&mut consistency, Consistency::Strong);
        let Ok(history) = store.load_latest(&stream, read, SCHEMA).await else { continue };
        if let Some(accepted) = history.accepted(Uuid::from_u128(intent.command), "alice") {
            return Some(accepted.last_version());
        }
        let mut state = State::of(&history);
        let claims = claims(&state, intent);
        match store.append(&history, draft_of(intent), &claims).await {
            Ok(commit) => {
                commit.events.iter().for_each(|event| state.evolve(event));
                keep(store, &history, &commit, &state).await;
                return Some(commit.last_version());
            }
            Err(AppendError::Collision(winner)) if winner.command_id.as_u128() == intent.command => {
                return Some(winner.last_version());
            }
            // On a cheap read it may be this very intent that has the name already.
            Err(AppendError::NameTaken) if read == Consistency::Strong => return None,
            Err(AppendError::Store(StoreError::Unavailable { .. })) => {}
            Err(AppendError::Collision(_) | AppendError::NameTaken) => {}
            Err(AppendError::Store(error)) => panic!("{error:?}"),
        }
    }
}

fn claims(state: &State, intent: &Intent) -> Vec<NameClaim> {
    let Some(name) = intent.name.filter(|name| state.name.as_deref() != Some(name)) else { return vec![] };
    let release = state.name.iter().map(|old| NameClaim::Release(old.clone()));
    release.chain([NameClaim::Take(name.to_owned())]).collect()
}

fn draft_of(intent: &Intent) -> Draft {
    let mut draft = draft(intent.command, intent.events);
    for event in &mut draft.events {
        event.data = json!({ "name": intent.name });
    }
    draft
}

/// Best effort, as it is for commands.
async fn keep(store: &dyn EventStore, history: &History, commit: &Commit, state: &State) {
    if commit.last_version() - history.snapshot_version() < SNAPSHOT_EVERY {
        return;
    }
    let (version, mut recent) = (commit.last_version(), history.recent());
    recent.remember(commit);
    let snapshot = Snapshot { version, schema: SCHEMA.to_owned(), state: state.to_json(), recent };
    match store.save_snapshot(history.stream(), &snapshot).await {
        Ok(()) | Err(StoreError::Unavailable { .. }) => {}
        Err(error) => panic!("{error:?}"),
    }
}
