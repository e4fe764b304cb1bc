use async_graphql::Error;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use skafu_events::{AggregateKind, StreamId, Tenant};
use skafu_store::{Cursor, RowKey};
use skafu_views::{Keys, ROW};

use crate::error::coded;

const DEFAULT_LIMIT: u32 = 20;
const MAX_LIMIT: u32 = 100;
/// The most bytes DynamoDB takes for a sort key.
const MAX_SORT_BYTES: usize = 1_024;

/// The page size asked for, within bounds.
pub(crate) fn limit(limit: Option<i32>) -> Result<u32, Error> {
    let limit = limit.map_or(Ok(DEFAULT_LIMIT), u32::try_from);
    match limit {
        Ok(limit @ 1..=MAX_LIMIT) => Ok(limit),
        _ => Err(coded("VALIDATION_ERROR", "limit must be between 1 and 100")),
    }
}

/// The token of the next page. It holds the place in the list alone: tenant and list are the reader's.
pub(crate) fn token(place: &str) -> String {
    URL_SAFE_NO_PAD.encode(place)
}

/// The place a token stands for.
pub(crate) fn place(token: &str) -> Result<String, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(foreign)
}

/// The place of a list that goes by versions.
pub(crate) fn version(token: &str) -> Result<u64, Error> {
    place(token)?.parse().map_err(|_| foreign())
}

/// A place in an index, in a list of the tenant whose order ends in `#<id>`.
pub(crate) fn cursor(
    keys: &Keys,
    tenant: &Tenant,
    kind: AggregateKind,
    sort: String,
) -> Result<Cursor, Error> {
    let (_, id) = sort.rsplit_once('#').filter(|_| sort.len() <= MAX_SORT_BYTES).ok_or_else(foreign)?;
    let stream = StreamId::new(tenant.clone(), kind, id).map_err(|_| foreign())?;
    let key = RowKey { partition: keys.aggregate(&stream), sort: ROW.to_owned() };
    Ok(Cursor { key, sort })
}

/// A place in a partition of the table, among the sort keys with that prefix.
pub(crate) fn key(partition: &str, prefix: &str, sort: String) -> Result<RowKey, Error> {
    if !sort.starts_with(prefix) || sort.len() > MAX_SORT_BYTES {
        return Err(foreign());
    }
    Ok(RowKey { partition: partition.to_owned(), sort })
}

pub(crate) fn foreign() -> Error {
    coded("VALIDATION_ERROR", "nextToken is not one of ours")
}
