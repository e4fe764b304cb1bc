use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use skafu_events::{Commit, StreamId};
use skafu_functions::gateway::{CommandAnswer, CommandGateway, DirectGateway, GatewayError, InternalCommand};
use skafu_store::{
    AppendError, Consistency, Cursor, Draft, EventStore, History, Index, MemoryEventStore, MemoryViewStore,
    NameClaim, NewEvent, Order, PutError, Row, RowKey, RowPage, StoreError, ViewStore,
};

use super::Random;

/// What goes wrong, and how often.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// How many of the latest commits an eventually consistent read misses, at most.
    pub lag: usize,
    /// How many of the next appends succeed without saying so.
    pub lost_acks: usize,
    /// How many of the next requests fail.
    pub outages: usize,
    /// After so many more requests, every one fails.
    pub outages_after: Option<usize>,
    /// Percentage of appends whose answer is lost.
    pub losing: usize,
    /// Percentage of requests that fail.
    pub failing: usize,
}

/// A request the store has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    Load(Consistency),
    Append,
}

/// The store in memory with the troubles of one on a network: stale reads, outages, lost answers,
/// and other writers between any two requests.
pub struct FaultyStore {
    leader: MemoryEventStore,
    faults: Mutex<Faults>,
    random: Mutex<Random>,
    seen: Mutex<Vec<Seen>>,
}

impl Default for FaultyStore {
    fn default() -> Self {
        Self {
            leader: MemoryEventStore::default(),
            faults: Mutex::default(),
            random: Mutex::new(Random::new(0)),
            seen: Mutex::default(),
        }
    }
}

fn unavailable() -> StoreError {
    StoreError::Unavailable { operation: "Test", source: "injected".into() }
}

impl FaultyStore {
    /// From now on this goes wrong.
    pub fn suffer(&self, faults: Faults) {
        *self.faults.lock().unwrap() = faults;
    }

    /// What goes wrong by chance follows from this seed.
    pub fn seed(&self, seed: u64) {
        *self.random.lock().unwrap() = Random::new(seed);
    }

    /// Every commit of every stream, each stream in order.
    pub fn all_commits(&self) -> Vec<Commit> {
        self.leader.all_commits()
    }

    /// The requests since the last time this was asked.
    pub fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }

    fn takes(&self, count: impl Fn(&mut Faults) -> &mut usize, percent: impl Fn(&Faults) -> usize) -> bool {
        let mut faults = self.faults.lock().unwrap();
        if *count(&mut faults) > 0 {
            *count(&mut faults) -= 1;
            return true;
        }
        self.random.lock().unwrap().chance(percent(&faults))
    }

    /// Lets others go first, then perhaps fails.
    async fn request(&self, seen: Seen) -> Result<(), StoreError> {
        self.seen.lock().unwrap().push(seen);
        let turns = 1 + self.random.lock().unwrap().below(3);
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        let gone = match &mut self.faults.lock().unwrap().outages_after {
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        };
        if gone || self.takes(|it| &mut it.outages, |it| it.failing) { Err(unavailable()) } else { Ok(()) }
    }

    /// The history without the latest commits: what a replica that lags would say.
    async fn stale(&self, stream: &StreamId) -> Result<History, StoreError> {
        let lag = self.faults.lock().unwrap().lag;
        let history = self.leader.load(stream, Consistency::Strong).await?;
        let kept = history.commits().len().saturating_sub(lag);
        let replica = MemoryEventStore::default();
        for commit in &history.commits()[..kept] {
            let head = replica.load(stream, Consistency::Strong).await?;
            replica.append(&head, draft(commit), &[]).await.unwrap();
        }
        replica.load(stream, Consistency::Strong).await
    }
}

/// The draft that becomes this commit.
fn draft(commit: &Commit) -> Draft {
    let event = |it: &skafu_events::RecordedEvent| NewEvent {
        event_type: it.event_type.clone(),
        event_version: it.event_version,
        data: it.data.clone(),
    };
    Draft {
        events: commit.events.iter().map(event).collect(),
        command_id: commit.command_id,
        body_hash: commit.body_hash.clone(),
        correlation_id: commit.correlation_id,
        user_id: commit.user_id.clone(),
        timestamp: commit.timestamp,
        metadata: commit.metadata.clone(),
    }
}

#[async_trait]
impl EventStore for FaultyStore {
    async fn load(&self, stream: &StreamId, consistency: Consistency) -> Result<History, StoreError> {
        self.request(Seen::Load(consistency)).await?;
        match consistency {
            Consistency::Strong => self.leader.load(stream, consistency).await,
            Consistency::Eventual => self.stale(stream).await,
        }
    }

    async fn load_after(&self, stream: &StreamId, version: u64) -> Result<Vec<Commit>, StoreError> {
        self.request(Seen::Load(Consistency::Strong)).await?;
        self.leader.load_after(stream, version).await
    }

    async fn append(
        &self,
        history: &History,
        draft: Draft,
        claims: &[NameClaim],
    ) -> Result<Commit, AppendError> {
        self.request(Seen::Append).await?;
        let commit = self.leader.append(history, draft, claims).await?;
        if self.takes(|it| &mut it.lost_acks, |it| it.losing) {
            Err(unavailable().into())
        } else {
            Ok(commit)
        }
    }
}

/// A view table in memory that counts, and in which somebody else may write first.
#[derive(Default)]
pub struct WatchedViews {
    pub rows: MemoryViewStore,
    pub writes: AtomicUsize,
    /// Written between the next read and the write that follows it, under the same expectation.
    pub intruder: Mutex<Option<Row>>,
}

#[async_trait]
impl ViewStore for WatchedViews {
    async fn get(&self, key: &RowKey, consistency: Consistency) -> Result<Option<Row>, StoreError> {
        self.rows.get(key, consistency).await
    }

    async fn put(&self, row: &Row, expected: Option<u64>) -> Result<(), PutError> {
        let intruder = self.intruder.lock().unwrap().take();
        if let Some(intruder) = intruder {
            self.rows.put(&intruder, expected).await?;
        }
        self.rows.put(row, expected).await?;
        self.writes.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    async fn query(
        &self,
        index: Index,
        partition: &str,
        order: Order,
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<RowPage, StoreError> {
        self.rows.query(index, partition, order, limit, after).await
    }
}

/// A gateway that delivers every command and loses the answers it is told to lose.
pub struct LosingGateway {
    pub inner: DirectGateway,
    pub lost: Arc<AtomicUsize>,
}

#[async_trait]
impl CommandGateway for LosingGateway {
    async fn send(&self, command: InternalCommand) -> Result<CommandAnswer, GatewayError> {
        let answer = self.inner.send(command).await;
        let lose = self.lost.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if lose.is_ok() { Err(GatewayError::Unavailable("injected".to_owned())) } else { answer }
    }
}
