use async_graphql::{Context, Result};
use futures::future::try_join_all;
use skafu_domain::Action;
use skafu_events::{AggregateKind, StreamId, Tenant};
use skafu_store::{Index, Order, RowKey};
use skafu_views::{Keys, ListedProject, ProjectRow, ProjectView};

use super::filter::ProjectFilter;
use crate::access::allow;
use crate::api::Viewer;
use crate::consistency::Range;
use crate::page::{self, Pages};
use crate::reader::Reader;
use crate::session::reader;

/// How often one page reads its list at most, where a filter leaves things out: what it costs depends on its limit, not
/// on how rare that is which is looked for.
const MAX_ROUNDS: usize = 4;

/// Where a list of projects is read.
pub(super) enum Source {
    /// A partition of an index, which has all that is shown.
    Index(Index, String),
    /// Partitions of the table, read as one, which have the projects' ids.
    Table(Vec<String>),
}

/// A part of a list: projects, and behind which place there are more.
type Part = (Vec<ProjectRow>, Option<String>);

/// One page of the projects a filter admits, newest first, and the token of the next one.
pub(super) async fn list(
    context: &Context<'_>,
    field: &str,
    filter: &ProjectFilter,
    limit: Option<i32>,
    next_token: Option<String>,
) -> Result<(Vec<ProjectRow>, Option<String>)> {
    let viewer = context.data::<Viewer>()?;
    allow(viewer, Action::ReadProject, None)?;
    filter.check()?;
    let limit = page::limit(limit)?;
    let words = filter.words();
    let pages = Pages::of(context, field, &words.iter().map(Option::as_deref).collect::<Vec<_>>())?;
    let place = pages.place(next_token).await?;
    let (reader, tenant) = (reader(context)?, viewer.principal.tenant());
    let keys = reader.keys::<ProjectView>(tenant).await?;
    let Some(source) = filter.source(&keys) else { return Ok((Vec::new(), None)) };
    let read = Reading { reader: &reader, tenant, keys: &keys, source, limit };
    let (rows, next) = read.page(filter, place.or_else(|| filter.begin())).await?;
    Ok((rows, pages.token(next.as_deref()).await?))
}

struct Reading<'a> {
    reader: &'a Reader,
    tenant: &'a Tenant,
    keys: &'a Keys,
    source: Source,
    limit: u32,
}

impl Reading<'_> {
    async fn page(&self, filter: &ProjectFilter, mut behind: Option<String>) -> Result<Part> {
        let mut found: Vec<ProjectRow> = Vec::new();
        for _ in 0..MAX_ROUNDS {
            let (rows, next) = self.part(behind.as_deref()).await?;
            let mut rows = rows.into_iter().peekable();
            while let Some(row) = rows.next_if(|row| !filter.is_too_old(row)) {
                let place = ProjectView::place(&row);
                found.extend(Some(row).filter(|row| filter.admits(row)));
                if found.len() as u32 == self.limit {
                    let is_more = rows.peek().map_or(next.is_some(), |row| !filter.is_too_old(row));
                    return Ok((found, Some(place).filter(|_| is_more)));
                }
            }
            behind = next;
            if behind.is_none() || rows.peek().is_some() {
                return Ok((found, None));
            }
        }
        Ok((found, behind))
    }

    /// As many projects of the list as a page has, or fewer, where some of them were just moved or deleted.
    async fn part(&self, behind: Option<&str>) -> Result<Part> {
        match &self.source {
            Source::Index(index, partition) => {
                let cursor = |sort: &str| {
                    page::cursor(self.keys, self.tenant, AggregateKind::Project, sort.to_owned())
                };
                let after = behind.map(cursor).transpose()?;
                let list = (*index, partition.as_str());
                let page =
                    self.reader.page::<ProjectView, _>(self.keys, list, self.limit, after.as_ref()).await?;
                Ok((page.0, page.1.map(|next| next.sort)))
            }
            Source::Table(partitions) => self.joined(partitions, behind).await,
        }
    }

    async fn joined(&self, partitions: &[String], behind: Option<&str>) -> Result<Part> {
        let lists = try_join_all(partitions.iter().map(|it| self.listed(it, behind))).await?;
        let is_more = lists.iter().any(|(_, is_more)| *is_more);
        let mut listed: Vec<(String, String)> = lists.into_iter().flat_map(|(listed, _)| listed).collect();
        listed.sort_unstable_by(|one, other| other.cmp(one));
        // One that moved from a list that was read before into one that was read after is in both.
        listed.dedup();
        let is_more = is_more || listed.len() > self.limit as usize;
        listed.truncate(self.limit as usize);
        let next = listed.last().map(|(place, _)| place.clone()).filter(|_| is_more);
        // What has no id is nobody's.
        let stream = |(_, id)| StreamId::new(self.tenant.clone(), AggregateKind::Project, id).ok();
        let streams: Vec<StreamId> = listed.into_iter().filter_map(stream).collect();
        let rows = streams.iter().map(|it| self.reader.join::<ProjectView>(std::slice::from_ref(it)));
        Ok((try_join_all(rows).await?.into_iter().flatten().collect(), next))
    }

    /// Places and ids of a partition of the table, and whether there are more.
    async fn listed(&self, partition: &str, behind: Option<&str>) -> Result<(Vec<(String, String)>, bool)> {
        let prefix = ProjectView::LISTED;
        let sort = behind.map(|place| format!("{prefix}{place}"));
        let after = sort.map(|sort| RowKey { partition: partition.to_owned(), sort });
        let range = Range { partition, prefix, order: Order::Descending, limit: self.limit, after };
        let (rows, next): (Vec<(String, ListedProject)>, _) =
            self.reader.list::<ProjectView, _>(self.keys, range).await?;
        let place = |(sort, listed): (String, ListedProject)| {
            (sort.strip_prefix(prefix).unwrap_or_default().to_owned(), listed.id)
        };
        Ok((rows.into_iter().map(place).collect(), next.is_some()))
    }
}
