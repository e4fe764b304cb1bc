mod range;

use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};
use skafu_events::StreamId;
use skafu_store::{Order, RowKey};
use skafu_views::{AnalyticsRow, AnalyticsView, Counters};

use crate::access::readable_project;
use crate::consistency::Range as Rows;
use crate::scalar::AwsDateTime;
use crate::session::reader;

use range::Range;
pub(crate) use range::TimeRange;

/// How often something happened.
#[derive(SimpleObject)]
pub(crate) struct AnalyticsCounters {
    /// Events.
    events: u64,
    /// Accepted commands that changed something.
    commands: u64,
    /// Changes to what the project says about itself.
    updates: u64,
    /// Attempts to create it.
    creation_attempts: u64,
    /// Attempts that succeeded.
    creations_succeeded: u64,
    /// Attempts that failed.
    creations_failed: u64,
    /// How often it was put away.
    archives: u64,
    /// How often it was taken out again.
    restores: u64,
}

impl From<Counters> for AnalyticsCounters {
    fn from(it: Counters) -> Self {
        Self {
            events: it.events,
            commands: it.commands,
            updates: it.updates,
            creation_attempts: it.creation_attempts,
            creations_succeeded: it.creations_succeeded,
            creations_failed: it.creations_failed,
            archives: it.archives,
            restores: it.restores,
        }
    }
}

/// What was counted on one day.
#[derive(SimpleObject)]
pub(crate) struct DayAnalytics {
    /// The day in UTC: `2025-01-18`.
    date: String,
    /// What happened on it.
    counters: AnalyticsCounters,
}

/// What was counted of a project.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct ProjectAnalytics {
    /// The project's id.
    project_id: ID,
    /// Since it was asked for, whatever the range.
    totals: AnalyticsCounters,
    /// When it was asked for.
    first_at: AwsDateTime,
    /// When something last happened to it.
    last_at: AwsDateTime,
    #[graphql(skip)]
    stream: StreamId,
    #[graphql(skip)]
    range: Range,
}

#[ComplexObject]
impl ProjectAnalytics {
    /// The days of the range on which something happened, oldest first.
    async fn days(&self, context: &Context<'_>) -> Result<Vec<DayAnalytics>> {
        let reader = reader(context)?;
        let keys = reader.keys::<AnalyticsView>(self.stream.tenant()).await?;
        let (partition, prefix) = (&keys.aggregate(&self.stream), AnalyticsView::DAYS);
        let behind = |day| RowKey { partition: partition.clone(), sort: format!("{prefix}{day}") };
        let after = self.range.before().map(behind);
        // No day has more than one row, so these are all of them.
        let limit = u32::try_from(self.range.days())?;
        let range = Rows { partition, prefix, order: Order::Ascending, limit, after };
        let (rows, _): (Vec<(String, Counters)>, _) = reader.list::<AnalyticsView, _>(&keys, range).await?;
        let days = rows.into_iter().filter_map(|(sort, counters)| {
            let date = sort.strip_prefix(prefix)?.to_owned();
            let counters = counters.into();
            self.range.reaches(&date).then_some(DayAnalytics { date, counters })
        });
        Ok(days.collect())
    }
}

impl ProjectAnalytics {
    /// Of a project the viewer may look at.
    pub(crate) async fn of(
        context: &Context<'_>,
        stream: StreamId,
        range: Option<TimeRange>,
    ) -> Result<Option<Self>> {
        let range = Range::of(context, range)?;
        let row = reader(context)?.join::<AnalyticsView>(std::slice::from_ref(&stream)).await?;
        Ok(row.map(|row: AnalyticsRow| Self {
            project_id: stream.id().into(),
            totals: row.totals.into(),
            first_at: AwsDateTime(row.first_at),
            last_at: AwsDateTime(row.last_at),
            stream,
            range,
        }))
    }
}

#[derive(Default)]
pub(crate) struct AnalyticsQueries;

#[Object]
impl AnalyticsQueries {
    /// What was counted of a project of the caller's tenant; null if there is none of that id.
    async fn project_analytics(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The project's id")] project_id: ID,
        #[graphql(desc = "Which days; the last 30 if left out")] time_range: Option<TimeRange>,
        #[graphql(name = "consistencyToken", desc = "Of a command's answer: what it wrote is seen")]
        _token: Option<String>,
    ) -> Result<Option<ProjectAnalytics>> {
        match readable_project(context, &project_id).await? {
            Some((stream, _)) => ProjectAnalytics::of(context, stream, time_range).await,
            None => Ok(None),
        }
    }
}
