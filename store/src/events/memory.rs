use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use skafu_events::{Commit, StreamId};

use super::port::reservation_key;
use super::{
    Append, Consistency, EventStore, History, NameClaim, Refusal, ScanPage, ScanPosition, Segment, Snapshot,
    TransactionError, check_transaction, commit_after,
};
use crate::StoreError;

/// An event store in memory, with the behaviour of the one on DynamoDB.
#[derive(Debug, Default)]
pub struct MemoryEventStore {
    tables: Mutex<Tables>,
}

#[derive(Debug, Default)]
struct Tables {
    streams: BTreeMap<StreamId, Vec<Commit>>,
    snapshots: BTreeMap<StreamId, Snapshot>,
    /// Reservation key → the stream that holds the name.
    names: BTreeMap<String, StreamId>,
}

impl MemoryEventStore {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every commit of every stream, each stream in order.
    pub fn all_commits(&self) -> Vec<Commit> {
        self.tables().streams.values().flatten().cloned().collect()
    }

    /// Loses every snapshot, which must lose nothing.
    pub fn forget_snapshots(&self) {
        self.tables().snapshots.clear();
    }
}

impl Tables {
    fn refusal(&self, commit: &Commit, claims: &[NameClaim]) -> Option<Refusal> {
        let stream = &commit.stream;
        let others = self.streams.get(stream).into_iter().flatten();
        if let Some(winner) = others.into_iter().find(|other| other.first_version == commit.first_version) {
            return Some(Refusal::Collision(Box::new(winner.clone())));
        }
        let held = |claim: &NameClaim| {
            let key = reservation_key(stream.tenant(), claim.name());
            self.names.get(&key).is_some_and(|holder| holder != stream)
        };
        claims.iter().any(held).then_some(Refusal::NameTaken)
    }

    fn write(&mut self, commit: &Commit, claims: &[NameClaim]) {
        for claim in claims {
            let key = reservation_key(commit.stream.tenant(), claim.name());
            match claim {
                NameClaim::Take(_) => drop(self.names.insert(key, commit.stream.clone())),
                NameClaim::Release(_) => drop(self.names.remove(&key)),
            }
        }
        self.streams.entry(commit.stream.clone()).or_default().push(commit.clone());
    }
}

#[async_trait]
impl EventStore for MemoryEventStore {
    async fn load(&self, stream: &StreamId, _consistency: Consistency) -> Result<History, StoreError> {
        let commits = self.tables().streams.get(stream).cloned().unwrap_or_default();
        Ok(History::new(stream.clone(), None, commits))
    }

    async fn load_latest(
        &self,
        stream: &StreamId,
        _consistency: Consistency,
        schema: &str,
    ) -> Result<History, StoreError> {
        let tables = self.tables();
        let snapshot = tables.snapshots.get(stream).filter(|snapshot| snapshot.schema == schema).cloned();
        let version = snapshot.as_ref().map_or(0, |snapshot| snapshot.version);
        let commits = tables.streams.get(stream).into_iter().flatten();
        let tail = commits.filter(|commit| commit.first_version > version).cloned().collect();
        Ok(History::new(stream.clone(), snapshot, tail))
    }

    async fn load_after(&self, stream: &StreamId, version: u64) -> Result<Vec<Commit>, StoreError> {
        let tables = self.tables();
        let commits = tables.streams.get(stream).into_iter().flatten();
        Ok(commits.filter(|commit| commit.first_version > version).cloned().collect())
    }

    async fn page_before(
        &self,
        stream: &StreamId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Commit>, StoreError> {
        let tables = self.tables();
        let commits = tables.streams.get(stream).into_iter().flatten().rev();
        let older = commits.filter(|commit| before.is_none_or(|before| commit.first_version < before));
        Ok(older.take(limit as usize).cloned().collect())
    }

    async fn append_all(&self, appends: Vec<Append<'_>>) -> Result<Vec<Commit>, TransactionError> {
        check_transaction(&appends)?;
        let mut tables = self.tables();
        let mut commits = Vec::with_capacity(appends.len());
        for Append { history, draft, claims } in appends {
            commits.push((commit_after(history.stream(), history.version(), draft)?, claims));
        }
        let refusals: Vec<_> =
            commits.iter().map(|(commit, claims)| tables.refusal(commit, claims)).collect();
        if refusals.iter().any(Option::is_some) {
            return Err(TransactionError::Refused(refusals));
        }
        commits.iter().for_each(|(commit, claims)| tables.write(commit, claims));
        Ok(commits.into_iter().map(|(commit, _)| commit).collect())
    }

    async fn save_snapshot(&self, stream: &StreamId, snapshot: &Snapshot) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let newer = tables.snapshots.get(stream).is_some_and(|old| old.version >= snapshot.version);
        let same_schema = tables.snapshots.get(stream).is_some_and(|old| old.schema == snapshot.schema);
        if !(newer && same_schema) {
            tables.snapshots.insert(stream.clone(), snapshot.clone());
        }
        Ok(())
    }

    async fn scan(
        &self,
        segment: Segment,
        after: Option<&ScanPosition>,
        limit: u32,
    ) -> Result<ScanPage, StoreError> {
        let position = |commit: &Commit| ScanPosition {
            partition: commit.stream.to_string(),
            sort: format!("{:010}", commit.first_version),
        };
        let in_segment = |stream: &StreamId| {
            let mut hasher = DefaultHasher::new();
            stream.hash(&mut hasher);
            hasher.finish() % u64::from(segment.total.max(1)) == u64::from(segment.index)
        };
        let tables = self.tables();
        let streams = tables.streams.iter().filter(|(stream, _)| in_segment(stream));
        let mut rest = streams.flat_map(|(_, commits)| commits).skip_while(|commit| {
            let key = position(commit);
            after.is_some_and(|after| (&key.partition, &key.sort) <= (&after.partition, &after.sort))
        });
        let commits: Vec<Commit> = rest.by_ref().take(limit as usize).cloned().collect();
        let next = rest.next().and(commits.last()).map(position);
        Ok(ScanPage { commits, next })
    }
}
