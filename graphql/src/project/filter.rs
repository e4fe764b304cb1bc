use async_graphql::{ID, InputObject, Result};
use skafu_events::{AggregateKind, StreamId, Tenant};
use skafu_store::{Cursor, RowKey};
use skafu_views::{Keys, ProjectRow, ROW};

use crate::error::coded;
use crate::scalar::AwsDateTime;

/// Sorts behind every id: those are in lower-case hexadecimal.
const BEHIND_ALL: &str = "z";

/// Which projects of a tenant are listed. Each field is a key of the list or a part of it: what is left out is
/// not read.
#[derive(InputObject, Default)]
pub(crate) struct ProjectFilter {
    /// Those of this person.
    owner_id: Option<ID>,
    /// Those asked for at this moment or later.
    created_from: Option<AwsDateTime>,
    /// Those asked for at this moment or earlier.
    created_until: Option<AwsDateTime>,
}

impl ProjectFilter {
    /// Those of one person.
    pub(super) fn of_owner(owner_id: ID) -> Self {
        Self { owner_id: Some(owner_id), ..Self::default() }
    }

    pub(super) fn owner_id(&self) -> Option<&str> {
        self.owner_id.as_ref().map(|id| id.as_str())
    }

    /// Says so if nothing can be within.
    pub(super) fn check(&self) -> Result<()> {
        match (&self.created_from, &self.created_until) {
            (Some(from), Some(until)) if until.0 < from.0 => {
                Err(coded("VALIDATION_ERROR", "createdUntil is before createdFrom"))
            }
            _ => Ok(()),
        }
    }

    /// Where the list begins, newest first: behind what is too new.
    pub(super) fn begin(&self, keys: &Keys, tenant: &Tenant) -> Option<Cursor> {
        let until = self.created_until.as_ref()?.0;
        let stream = StreamId::new(tenant.clone(), AggregateKind::Project, BEHIND_ALL).ok()?;
        let key = RowKey { partition: keys.aggregate(&stream), sort: ROW.to_owned() };
        Some(Cursor { key, sort: format!("{until}#{BEHIND_ALL}") })
    }

    /// Leaves out what is too old, and with it the rest of the list.
    pub(super) fn cut(&self, rows: &mut Vec<ProjectRow>, next: &mut Option<Cursor>) {
        let Some(from) = &self.created_from else { return };
        let is_old = |row: &ProjectRow| row.created_at < from.0;
        if let Some(end) = rows.iter().position(is_old) {
            rows.truncate(end);
            *next = None;
        }
    }
}
