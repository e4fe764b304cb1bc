//! Reading the event table item by item.
//!
//! The event store's own scan stops at the first item it cannot read, as is right for whoever builds
//! something on it. Whoever looks for damage must get past it.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use skafu_events::{AggregateKind, Commit, DataRef, StreamId, Tenant};
use skafu_store::{DecodeError, PayloadStore, Segment, decode_commit};

use super::place::Place;
use super::size::item_size;
use crate::cli::failure::Failure;

/// What the sort keys of commits begin with; the version of the first event follows in ten digits.
const EVENT: &str = "EVENT#";
/// Enough for a page to be as large as DynamoDB lets it be, unless the commits are small.
const PAGE_ITEMS: i32 = 1000;

/// The key of an item: where reading a segment stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::cli) struct Position {
    pub partition: String,
    pub sort: String,
}

impl Position {
    /// Before the commit that holds the version after this one, however large it is, and after those
    /// that ended long before. No item need be there.
    pub(super) fn before(stream: &StreamId, version: u64) -> Self {
        let first = version.saturating_sub(skafu_store::MAX_EVENTS_PER_COMMIT as u64);
        Self { partition: stream.to_string(), sort: format!("{EVENT}{first:010}") }
    }

    /// The first version of the commit with this key, if it is that of a commit.
    pub(super) fn version(&self) -> Option<u64> {
        self.sort.strip_prefix(EVENT)?.parse().ok()
    }
}

/// What one item of the table holds.
pub(in crate::cli) struct Item {
    pub key: Position,
    /// As DynamoDB counts them.
    pub bytes: usize,
    /// Payloads kept outside are fetched; a reference that is left leads to none, or none was to be had.
    pub commit: Result<Commit, DecodeError>,
}

/// Some items of a segment, those of one stream in order.
pub(in crate::cli) struct Page {
    pub items: Vec<Item>,
    /// Where to go on; none at the end of the segment.
    pub next: Option<Position>,
}

/// Which streams are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum Scope {
    /// All of them.
    Everything,
    /// Those of one kind.
    Kind(AggregateKind),
    /// Those of one kind in one tenant.
    OfTenant(Tenant, AggregateKind),
    /// Those of one kind whose ids begin so, in any tenant.
    Named(AggregateKind, String),
}

impl Scope {
    /// A function of a partition key, and its operand.
    fn condition(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Everything => None,
            // No part of a key can hold what separates the parts.
            Self::Kind(kind) => Some(("contains", format!("/{}#", kind.prefix()))),
            Self::OfTenant(tenant, kind) => Some(("begins_with", format!("{tenant}/{}#", kind.prefix()))),
            Self::Named(kind, id) => Some(("contains", format!("/{}#{id}", kind.prefix()))),
        }
    }
}

/// The event table.
pub(in crate::cli) struct Table {
    client: Client,
    name: String,
    payloads: Option<Arc<dyn PayloadStore>>,
    page_items: i32,
    scope: Scope,
}

impl Table {
    pub(in crate::cli) fn new(place: &Place) -> Self {
        let (name, payloads) = (place.table.clone(), place.payloads.clone());
        Self { client: place.client(), name, payloads, page_items: PAGE_ITEMS, scope: Scope::Everything }
    }

    /// The same table, of which nothing else is read. What is passed over is paid for all the same.
    pub(in crate::cli) fn within(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// Whether payloads that are kept outside can be read.
    pub(super) fn has_payloads(&self) -> bool {
        self.payloads.is_some()
    }

    /// The commits of one segment that come next.
    pub(in crate::cli) async fn page(
        &self,
        segment: Segment,
        after: Option<&Position>,
    ) -> Result<Page, Failure> {
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        let start = after.map(|position| {
            let text = |text: &String| AttributeValue::S(text.clone());
            HashMap::from([
                ("PK".to_owned(), text(&position.partition)),
                ("SK".to_owned(), text(&position.sort)),
            ])
        });
        let mut filter = "begins_with(SK, :event)".to_owned();
        let mut values = HashMap::from([(":event".to_owned(), AttributeValue::S(EVENT.to_owned()))]);
        if let Some((function, operand)) = self.scope.condition() {
            filter.push_str(&format!(" AND {function}(PK, :stream)"));
            values.insert(":stream".to_owned(), AttributeValue::S(operand));
        }
        let request = self
            .client
            .scan()
            .table_name(&self.name)
            .segment(number(segment.index))
            .total_segments(number(segment.total))
            .consistent_read(true)
            .filter_expression(filter)
            .set_expression_attribute_values(Some(values))
            .limit(self.page_items)
            .set_exclusive_start_key(start);
        let answer = request.send().await.map_err(|error| {
            if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) {
                let message = format!("there is no table {}: name another with --table", self.name);
                return Failure::new("NO_TABLE", message);
            }
            Failure::chain("STORE_UNAVAILABLE", &error)
                .hint("see that --endpoint, --table and the credentials are right")
        })?;
        let mut items = Vec::new();
        for item in answer.items.unwrap_or_default() {
            items.push(self.item(item).await?);
        }
        Ok(Page { items, next: answer.last_evaluated_key.as_ref().map(position) })
    }

    async fn item(&self, item: HashMap<String, AttributeValue>) -> Result<Item, Failure> {
        let (key, bytes) = (position(&item), item_size(&item));
        let mut commit = decode_commit(item);
        if let (Ok(commit), Some(payloads)) = (&mut commit, &self.payloads) {
            for event in &mut commit.events {
                let Some(reference) = &event.data_ref else { continue };
                if let Some(data) = fetch(payloads.as_ref(), commit.stream.tenant(), reference).await? {
                    event.data = data;
                    event.data_ref = None;
                }
            }
        }
        Ok(Item { key, bytes, commit })
    }
}

/// The payload, if it is there and what it should be.
async fn fetch(
    payloads: &dyn PayloadStore,
    tenant: &Tenant,
    reference: &DataRef,
) -> Result<Option<serde_json::Value>, Failure> {
    let key = format!("{tenant}/payloads/{}", reference.sha256);
    let bytes = payloads.get(&key).await.map_err(|error| Failure::chain("STORE_UNAVAILABLE", &error))?;
    let sha256 =
        |bytes: &Vec<u8>| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let bytes = bytes.filter(|bytes| sha256(bytes) == reference.sha256);
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

fn position(item: &HashMap<String, AttributeValue>) -> Position {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    Position { partition: text("PK"), sort: text("SK") }
}
