use async_graphql::{ID, InputObject, Result};
use skafu_events::MAX_ID_LENGTH;
use skafu_events::project::ProjectStatus as Status;
use skafu_store::Index;
use skafu_views::{Keys, ProjectRow, ProjectView};

use super::ProjectStatus;
use super::lists::Source;
use crate::error::coded;
use crate::scalar::AwsDateTime;
use crate::user::MAX_USER_ID;

/// Sorts behind every id: those are in lower-case hexadecimal.
const BEHIND_ALL: &str = "z";

/// Which projects of a tenant are listed: those that fit every field that is given. What is null or left out does not
/// count. With several fields a page may be shorter than its limit, even empty, although more follow: only a null
/// `nextToken` ends the list.
#[derive(InputObject, Default)]
pub(crate) struct ProjectFilter {
    /// Those of this person.
    owner_id: Option<ID>,
    /// Those that stand in one of these places; with an empty list none does. Deleted projects are in no list.
    status: Option<Vec<ProjectStatus>>,
    /// Those made from this template.
    template_id: Option<ID>,
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

    /// Says so if nothing can be within.
    pub(super) fn check(&self) -> Result<()> {
        match (&self.created_from, &self.created_until) {
            (Some(from), Some(until)) if until.0 < from.0 => {
                Err(coded("VALIDATION_ERROR", "createdUntil is before createdFrom"))
            }
            _ => Ok(()),
        }
    }

    /// The list to read; none where nothing is in it.
    pub(super) fn source(&self, keys: &Keys) -> Option<Source> {
        let fits = |id: &Option<ID>, most| id.as_ref().is_none_or(|id| id.len() <= most);
        // Nobody's: no key may be that long.
        if !fits(&self.owner_id, MAX_USER_ID) || !fits(&self.template_id, MAX_ID_LENGTH) {
            return None;
        }
        if self.status.as_ref().is_some_and(Vec::is_empty) {
            return None;
        }
        Some(match (&self.owner_id, self.statuses(), &self.template_id) {
            (Some(owner), ..) => Source::Index(Index::Second, ProjectView::of_owner(keys, owner)),
            (None, Some(statuses), _) => {
                Source::Table(statuses.iter().map(|it| ProjectView::of_status(keys, *it)).collect())
            }
            (None, None, Some(template)) => Source::Table(vec![ProjectView::of_template(keys, template)]),
            (None, None, None) => Source::Index(Index::First, ProjectView::of_tenant(keys)),
        })
    }

    /// Each once, in one order.
    fn statuses(&self) -> Option<Vec<Status>> {
        let mut statuses: Vec<Status> = self.status.as_ref()?.iter().map(|it| (*it).into()).collect();
        statuses.sort_by_key(|it| it.as_str());
        statuses.dedup();
        Some(statuses)
    }

    /// Where the list begins, newest first: behind what is too new.
    pub(super) fn begin(&self) -> Option<String> {
        self.created_until.as_ref().map(|until| format!("{}#{BEHIND_ALL}", until.0))
    }

    /// Whether a project is too old, and with it the rest of the list.
    pub(super) fn is_too_old(&self, row: &ProjectRow) -> bool {
        self.created_from.as_ref().is_some_and(|from| row.created_at < from.0)
    }

    /// Whether a project that was read is one of those.
    pub(super) fn admits(&self, row: &ProjectRow) -> bool {
        let stands =
            self.status.as_ref().is_none_or(|it| it.iter().any(|it| Status::from(*it) == row.status));
        let is_made = self.template_id.as_ref().is_none_or(|id| id.as_str() == row.template_id);
        let belongs = self.owner_id.as_ref().is_none_or(|id| id.as_str() == row.owner_id);
        stands && is_made && belongs
    }

    /// What tells it from all others: a page token of one does not go on with another.
    pub(super) fn words(&self) -> Vec<Option<String>> {
        let id = |id: &Option<ID>| id.as_ref().map(|id| id.to_string());
        let time = |time: &Option<AwsDateTime>| time.as_ref().map(|time| time.0.to_string());
        let names = |it: Vec<Status>| it.into_iter().map(Status::as_str).collect::<Vec<_>>().join(" ");
        vec![
            id(&self.owner_id),
            self.statuses().map(names),
            id(&self.template_id),
            time(&self.created_from),
            time(&self.created_until),
        ]
    }
}
