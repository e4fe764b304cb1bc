use async_graphql::Error;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use skafu_events::{AggregateKind, StreamId, Tenant};
use skafu_store::{Cursor, RowKey};
use skafu_views::row_key;

use crate::error::coded;

const DEFAULT_LIMIT: u32 = 20;
const MAX_LIMIT: u32 = 100;

/// The page size asked for, within bounds.
pub(crate) fn limit(limit: Option<i32>) -> Result<u32, Error> {
    let limit = limit.map_or(Ok(DEFAULT_LIMIT), u32::try_from);
    match limit {
        Ok(limit @ 1..=MAX_LIMIT) => Ok(limit),
        _ => Err(coded("VALIDATION_ERROR", "limit must be between 1 and 100")),
    }
}

/// The token of the next page. It holds the place in the list alone: tenant and list are the reader's.
pub(crate) fn token(cursor: &Cursor) -> String {
    URL_SAFE_NO_PAD.encode(&cursor.sort)
}

/// The place a token stands for, in a list of the tenant whose order ends in `#<id>`.
pub(crate) fn cursor(tenant: &Tenant, view: &str, token: &str) -> Result<Cursor, Error> {
    let invalid = || coded("VALIDATION_ERROR", "nextToken is not one of ours");
    let sort = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let sort = sort.ok_or_else(invalid)?;
    let (_, id) = sort.rsplit_once('#').ok_or_else(invalid)?;
    StreamId::new(tenant.clone(), AggregateKind::Project, id).map_err(|_| invalid())?;
    let key = RowKey { partition: row_key(tenant, view, id), sort: "ROW".to_owned() };
    Ok(Cursor { key, sort })
}
