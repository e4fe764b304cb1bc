use async_graphql::{Context, ID, Object, Result, SimpleObject};
use skafu_store::{Order, RowKey};
use skafu_views::{Activity, ActivityView};

use crate::access::readable_project;
use crate::consistency::Range;
use crate::page::{self, Pages};
use crate::scalar::AwsDateTime;
use crate::session::reader;

/// One accepted command: who did what, and when. What was written is not told.
#[derive(SimpleObject)]
pub(crate) struct ProjectActivity {
    /// The project's version after it.
    version: u64,
    /// When it was accepted.
    at: AwsDateTime,
    /// Who asked: a person's id, or `system:<name>`.
    user_id: String,
    /// The command.
    command_id: ID,
    /// The request it belongs to: what `operation` takes.
    correlation_id: ID,
    /// The types of its events, in order.
    events: Vec<String>,
    /// The names of the fields it changed.
    changed: Vec<String>,
    /// The failure it records, if it does.
    failure: Option<ProjectActivityFailure>,
}

/// Which step failed.
#[derive(SimpleObject)]
pub(crate) struct ProjectActivityFailure {
    /// The step.
    step: String,
    /// A stable code.
    code: String,
}

impl From<Activity> for ProjectActivity {
    fn from(it: Activity) -> Self {
        Self {
            version: it.version,
            at: AwsDateTime(it.at),
            user_id: it.user_id,
            command_id: it.command_id.into(),
            correlation_id: it.correlation_id.into(),
            events: it.events,
            changed: it.changed,
            failure: it.failure.map(|it| ProjectActivityFailure { step: it.step, code: it.code }),
        }
    }
}

/// A part of a project's history, and where the next one begins.
#[derive(SimpleObject)]
pub(crate) struct ProjectActivityConnection {
    /// Newest first.
    items: Vec<ProjectActivity>,
    /// Give it back to read on; null at the end.
    next_token: Option<String>,
}

#[derive(Default)]
pub(crate) struct ActivityQueries;

#[Object]
impl ActivityQueries {
    /// What happened to a project of the caller's tenant, newest first; null if there is none of that id.
    async fn project_activity(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The project's id")] project_id: ID,
        #[graphql(desc = "1 to 100; 20 if left out")] limit: Option<i32>,
        #[graphql(desc = "Of the page before, asked for with the same arguments; the limit may differ")]
        next_token: Option<String>,
        #[graphql(name = "consistencyToken", desc = "Of a command's answer: what it wrote is seen")]
        _token: Option<String>,
    ) -> Result<Option<ProjectActivityConnection>> {
        let Some((stream, _)) = readable_project(context, &project_id).await? else { return Ok(None) };
        let limit = page::limit(limit)?;
        let reader = reader(context)?;
        let keys = reader.keys::<ActivityView>(stream.tenant()).await?;
        let partition = &keys.aggregate(&stream);
        let prefix = ActivityView::ENTRIES;
        let pages = Pages::of(context, "projectActivity", &[Some(project_id.as_str())])?;
        let place = pages.place(next_token).await?;
        let after = place.map(|place| page::key(partition, prefix, place)).transpose()?;
        let range = Range { partition, prefix, order: Order::Descending, limit, after };
        let (entries, next): (Vec<(String, Activity)>, Option<RowKey>) =
            reader.list::<ActivityView, _>(&keys, range).await?;
        let next_token = pages.token(next.as_ref().map(|next| next.sort.as_str())).await?;
        let items = entries.into_iter().map(|(_, entry)| entry.into()).collect();
        Ok(Some(ProjectActivityConnection { items, next_token }))
    }
}
