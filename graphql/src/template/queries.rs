use async_graphql::{Context, ID, Object, Result, SimpleObject};
use skafu_domain::Action;
use skafu_events::{AggregateKind, SHARED_TENANT, StreamId, Tenant};
use skafu_store::{Cursor, Index};
use skafu_views::{TemplateRow, TemplateStatus, TemplateView};

use super::Template;
use crate::access::allow;
use crate::api::Viewer;
use crate::page::{self, Pages};
use crate::session::reader;

/// Some templates, and where the next ones begin.
#[derive(SimpleObject)]
pub(crate) struct TemplateConnection {
    /// The tenant's own, then those that every tenant has; newest first.
    items: Vec<Template>,
    /// Give it back to read on; null at the end.
    next_token: Option<String>,
}

/// A place in the two lists that are read as one.
struct Place {
    shared: bool,
    /// Behind which sort key; none at the beginning.
    behind: Option<String>,
}

impl Place {
    /// A sort key begins with a date, so what begins with the shared tenant is in the second list.
    fn of(text: String) -> Self {
        match text.strip_prefix(SHARED_TENANT) {
            Some("") => Self { shared: true, behind: None },
            Some(sort) => Self { shared: true, behind: Some(sort.to_owned()) },
            None => Self { shared: false, behind: Some(text) },
        }
    }

    fn text(&self) -> String {
        let list = if self.shared { SHARED_TENANT } else { "" };
        format!("{list}{}", self.behind.as_deref().unwrap_or_default())
    }
}

#[derive(Default)]
pub(crate) struct TemplateQueries;

#[Object]
impl TemplateQueries {
    /// The template that a project of the caller's tenant would be made from: the tenant's own, else the
    /// one that every tenant has; a draft where nothing can be used. Null if there is none of that id.
    async fn template(
        &self,
        context: &Context<'_>,
        id: ID,
        #[graphql(name = "consistencyToken", desc = "Of a command's answer: what it wrote is seen")]
        _token: Option<String>,
    ) -> Result<Option<Template>> {
        let viewer = context.data::<Viewer>()?;
        allow(viewer, Action::ReadTemplate, None)?;
        let mut found = Vec::new();
        for (tenant, shared) in [(viewer.principal.tenant().clone(), false), (Tenant::shared(), true)] {
            // What is no id is nobody's.
            let Ok(stream) = StreamId::new(tenant, AggregateKind::Template, id.as_str()) else { break };
            let row = reader(context)?.own::<TemplateView>(&stream).await?;
            found.extend(row.map(|row| (row, shared)));
        }
        // A draft gives way to what can be used.
        found.sort_by_key(|(row, _)| row.status == TemplateStatus::Draft);
        Ok(found.into_iter().next().map(|(row, shared)| Template::of(row, shared)))
    }

    /// The templates of the caller's tenant, then those that every tenant has, each newest first.
    async fn templates(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "1 to 100; 20 if left out")] limit: Option<i32>,
        #[graphql(desc = "Of the page before, asked for with the same arguments; the limit may differ")]
        next_token: Option<String>,
        #[graphql(name = "consistencyToken", desc = "Of a command's answer: what it wrote is seen")]
        _token: Option<String>,
    ) -> Result<TemplateConnection> {
        let viewer = context.data::<Viewer>()?;
        allow(viewer, Action::ReadTemplate, None)?;
        let limit = page::limit(limit)?;
        let pages = Pages::of(context, "templates", &[])?;
        let begin = Place { shared: false, behind: None };
        let mut place = pages.place(next_token).await?.map_or(begin, Place::of);
        let mut items: Vec<Template> = Vec::new();
        loop {
            let tenant = if place.shared { Tenant::shared() } else { viewer.principal.tenant().clone() };
            let wanted = limit - items.len() as u32;
            let (rows, next) = part(context, &tenant, wanted, place.behind).await?;
            items.extend(rows.into_iter().map(|row| Template::of(row, place.shared)));
            let next = match next {
                Some(next) => Some(Place { shared: place.shared, behind: Some(next.sort) }),
                None if place.shared => None,
                None => Some(Place { shared: true, behind: None }),
            };
            match next {
                Some(next) if (items.len() as u32) < limit => place = next,
                next => {
                    let next = next.map(|next| next.text());
                    let next_token = pages.token(next.as_deref()).await?;
                    return Ok(TemplateConnection { items, next_token });
                }
            }
        }
    }
}

async fn part(
    context: &Context<'_>,
    tenant: &Tenant,
    limit: u32,
    behind: Option<String>,
) -> Result<(Vec<TemplateRow>, Option<Cursor>)> {
    let reader = reader(context)?;
    let keys = reader.keys::<TemplateView>(tenant).await?;
    let cursor = |sort| page::cursor(&keys, tenant, AggregateKind::Template, sort);
    let after = behind.map(cursor).transpose()?;
    let list = (Index::First, &*TemplateView::of_tenant(&keys));
    reader.page::<TemplateView, _>(&keys, list, limit, after.as_ref()).await
}
