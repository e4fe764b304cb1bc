use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use skafu_events::{Commit, StreamId};

use super::{DynamoEventStore, snapshot};
use crate::dynamo::codec::{SNAPSHOT_KEY, decode_commit, event_key};
use crate::events::contiguous;
use crate::{Consistency, History, Snapshot, StoreError};

/// Sorts after every commit, before whatever else a stream's partition may hold.
pub(super) const AFTER_EVENTS: &str = "EVENT$";
/// How much a cold instance reads at first: enough for a snapshot and its tail, where snapshots are
/// kept in time, without reading much of what the snapshot stands for.
const FIRST_PAGE: i32 = 21;

pub(super) type Item = HashMap<String, AttributeValue>;

/// A range of sort keys, newest first.
pub(super) struct Range<'a> {
    pub stream: &'a StreamId,
    pub from: String,
    pub to: String,
    pub consistency: Consistency,
    pub limit: Option<i32>,
}

/// What a query found, newest first, and whether there may be more.
pub(super) struct Page {
    pub items: Vec<Item>,
    pub more: Option<Item>,
}

impl DynamoEventStore {
    pub(super) async fn page(&self, range: &Range<'_>, start: Option<Item>) -> Result<Page, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("PK = :stream AND SK BETWEEN :from AND :to")
            .expression_attribute_values(":stream", AttributeValue::S(range.stream.to_string()))
            .expression_attribute_values(":from", AttributeValue::S(range.from.clone()))
            .expression_attribute_values(":to", AttributeValue::S(range.to.clone()))
            .scan_index_forward(false)
            .consistent_read(range.consistency == Consistency::Strong)
            .set_limit(self.page_size.into_iter().chain(range.limit).min())
            .set_exclusive_start_key(start)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("Query", error))?;
        self.consumed("Query", answer.consumed_capacity.as_slice());
        let more = answer.last_evaluated_key.filter(|key| !key.is_empty());
        Ok(Page { items: answer.items.unwrap_or_default(), more })
    }

    /// Every item of the range, however many pages it takes.
    async fn pages(&self, range: &Range<'_>) -> Result<Vec<Item>, StoreError> {
        let (mut items, mut start) = (Vec::new(), None);
        loop {
            let page = self.page(range, start).await?;
            items.extend(page.items);
            start = page.more;
            if start.is_none() {
                return Ok(items);
            }
        }
    }

    /// Commits in their order, payloads fetched, from items newest first.
    pub(super) async fn commits(
        &self,
        stream: &StreamId,
        items: Vec<Item>,
    ) -> Result<Vec<Commit>, StoreError> {
        let mut commits = Vec::with_capacity(items.len());
        for item in items.into_iter().rev() {
            let commit = decode_commit(item)
                .map_err(|source| StoreError::Undecodable { key: stream.to_string(), source })?;
            commits.push(self.resolve(commit).await?);
        }
        Ok(commits)
    }

    /// Every commit after `version`, and nothing missing. A hole in an eventually consistent read is a
    /// page that lags: read again strongly. A hole in that is damage.
    pub(super) async fn contiguous(
        &self,
        stream: &StreamId,
        version: u64,
        consistency: Consistency,
    ) -> Result<Vec<Commit>, StoreError> {
        let (from, to) = (event_key(version + 1), AFTER_EVENTS.to_owned());
        let mut range = Range { stream, from, to, consistency, limit: None };
        let commits = self.commits(stream, self.pages(&range).await?).await?;
        if contiguous(version, &commits).is_ok() {
            return Ok(commits);
        }
        range.consistency = Consistency::Strong;
        let commits = self.commits(stream, self.pages(&range).await?).await?;
        match contiguous(version, &commits) {
            Ok(()) => Ok(commits),
            Err(missing) => Err(StoreError::CorruptStream { stream: stream.clone(), missing }),
        }
    }

    /// The snapshot and its tail: one query, newest first, for a snapshot sorts after every commit.
    pub(super) async fn latest(
        &self,
        stream: &StreamId,
        consistency: Consistency,
        schema: &str,
    ) -> Result<History, StoreError> {
        let known = self.known_snapshot(stream);
        let limit = if known.is_some() { None } else { Some(FIRST_PAGE) };
        let (from, to) = (event_key(known.unwrap_or(0) + 1), SNAPSHOT_KEY.to_owned());
        let range = Range { stream, from, to, consistency, limit };
        let mut page = self.page(&range, None).await?;
        let is_snapshot = |item: &Item| {
            item.get("SK").and_then(|key| key.as_s().ok()).is_some_and(|key| key == SNAPSHOT_KEY)
        };
        let found = page.items.first().is_some_and(is_snapshot).then(|| page.items.remove(0));
        let snapshot = found.and_then(|item| snapshot::decode(&item, schema));
        if let Some(snapshot) = &snapshot {
            self.learn_snapshot(stream, snapshot.version);
        }
        let base = snapshot.as_ref().map_or(0, |snapshot| snapshot.version);
        let mut tail = self.commits(stream, page.items).await?;
        let passed = tail.iter().any(|commit| commit.first_version <= base);
        tail.retain(|commit| commit.first_version > base);
        // What the first page did not reach: the rest of the tail, or all of it if a snapshot is gone.
        let reached = tail.first().map(|commit| commit.first_version);
        let complete = reached == Some(base + 1)
            || (reached.is_none() && (passed || (page.more.is_none() && known.unwrap_or(0) <= base)));
        if !complete {
            let to = reached.map_or(AFTER_EVENTS.to_owned(), |reached| event_key(reached - 1));
            let rest = Range { stream, from: event_key(base + 1), to, consistency, limit: None };
            let mut older = self.commits(stream, self.pages(&rest).await?).await?;
            older.append(&mut tail);
            tail = older;
        }
        self.history(stream, snapshot, tail).await
    }

    /// The history, once more strongly if the first reading has a hole.
    async fn history(
        &self,
        stream: &StreamId,
        snapshot: Option<Snapshot>,
        tail: Vec<Commit>,
    ) -> Result<History, StoreError> {
        let base = snapshot.as_ref().map_or(0, |snapshot| snapshot.version);
        let tail = if contiguous(base, &tail).is_ok() {
            tail
        } else {
            self.contiguous(stream, base, Consistency::Strong).await?
        };
        Ok(History::new(stream.clone(), snapshot, tail))
    }
}
