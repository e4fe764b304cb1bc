use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use skafu_events::{Commit, StreamId};

use super::port::reservation_key;
use super::{AppendError, Consistency, Draft, EventStore, History, NameClaim, commit_after};
use crate::StoreError;

/// An event store in memory, with the behaviour of the one on DynamoDB.
#[derive(Debug, Default)]
pub struct MemoryEventStore {
    tables: Mutex<Tables>,
}

#[derive(Debug, Default)]
struct Tables {
    streams: HashMap<StreamId, Vec<Commit>>,
    /// Reservation key → the stream that holds the name.
    names: HashMap<String, StreamId>,
}

impl MemoryEventStore {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every commit of every stream, each stream in order.
    pub fn all_commits(&self) -> Vec<Commit> {
        self.tables().streams.values().flatten().cloned().collect()
    }
}

#[async_trait]
impl EventStore for MemoryEventStore {
    async fn load(&self, stream: &StreamId, _consistency: Consistency) -> Result<History, StoreError> {
        let commits = self.tables().streams.get(stream).cloned().unwrap_or_default();
        Ok(History::new(stream.clone(), commits))
    }

    async fn load_after(&self, stream: &StreamId, version: u64) -> Result<Vec<Commit>, StoreError> {
        let tables = self.tables();
        let commits = tables.streams.get(stream).into_iter().flatten();
        Ok(commits.filter(|commit| commit.first_version > version).cloned().collect())
    }

    async fn append(
        &self,
        history: &History,
        draft: Draft,
        claims: &[NameClaim],
    ) -> Result<Commit, AppendError> {
        let stream = history.stream();
        let commit = commit_after(stream, history.version(), draft)?;
        let mut tables = self.tables();
        let commits = tables.streams.entry(stream.clone()).or_default();
        if let Some(winner) = commits.iter().find(|other| other.first_version == commit.first_version) {
            return Err(AppendError::Collision(Box::new(winner.clone())));
        }
        let key = |claim: &NameClaim| reservation_key(stream.tenant(), claim.name());
        let held = |claim| tables.names.get(&key(claim)).is_some_and(|holder| holder != stream);
        if claims.iter().any(held) {
            return Err(AppendError::NameTaken);
        }
        for claim in claims {
            match claim {
                NameClaim::Take(_) => drop(tables.names.insert(key(claim), stream.clone())),
                NameClaim::Release(_) => drop(tables.names.remove(&key(claim))),
            }
        }
        tables.streams.entry(stream.clone()).or_default().push(commit.clone());
        Ok(commit)
    }
}
