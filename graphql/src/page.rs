use async_graphql::{Context, Error};
use serde_json::json;
use skafu_events::{AggregateKind, StreamId, Tenant, Timestamp};
use skafu_store::page_token::{Listing, PageTokenError, PageTokens};
use skafu_store::{Cursor, RowKey};
use skafu_views::{Keys, ROW};

use crate::api::{Now, Viewer};
use crate::error::{coded, keys};

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

/// One list of the viewer's tenant, page by page.
pub(crate) struct Pages<'a> {
    tokens: &'a PageTokens,
    tenant: &'a Tenant,
    query: String,
    now: Timestamp,
}

impl<'a> Pages<'a> {
    /// The list a field tells with those arguments. A token goes on with it and with no other, whatever the limit.
    pub fn of(context: &Context<'a>, field: &str, arguments: &[Option<&str>]) -> Result<Self, Error> {
        let tenant = context.data::<Viewer>()?.principal.tenant();
        let query = json!([field, arguments]).to_string();
        Ok(Self { tokens: context.data::<PageTokens>()?, tenant, query, now: context.data::<Now>()?.0 })
    }

    /// The place a token stands for.
    pub async fn place(&self, token: Option<String>) -> Result<Option<String>, Error> {
        let Some(token) = token else { return Ok(None) };
        match self.tokens.read(self.listing(), &token, self.now).await {
            Ok(place) => Ok(Some(place)),
            Err(PageTokenError::Foreign) => Err(foreign()),
            Err(PageTokenError::Keys(error)) => Err(keys(&error)),
        }
    }

    /// The token of a place, if there is one to read on from.
    pub async fn token(&self, place: Option<&str>) -> Result<Option<String>, Error> {
        let Some(place) = place else { return Ok(None) };
        self.tokens.issue(self.listing(), place, self.now).await.map(Some).map_err(|error| keys(&error))
    }

    fn listing(&self) -> Listing<'_> {
        Listing { tenant: self.tenant, query: &self.query }
    }
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
    coded(
        "VALIDATION_ERROR",
        "nextToken is not one of this list: give back the one of the page before, with the same arguments",
    )
}
