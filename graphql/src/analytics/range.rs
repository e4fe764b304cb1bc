use async_graphql::{Context, Enum, Error, InputObject};
use chrono::{Days, NaiveDate, TimeDelta};

use crate::api::Now;
use crate::error::coded;
use crate::scalar::AwsDateTime;

/// The most days a range may touch.
const MAX_DAYS: i64 = 400;

/// A range that ends now.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeRangePreset {
    /// The last 24 hours.
    #[graphql(name = "LAST_24H")]
    Last24Hours,
    /// The last 7 days.
    #[graphql(name = "LAST_7D")]
    Last7Days,
    /// The last 30 days.
    #[graphql(name = "LAST_30D")]
    Last30Days,
    /// The last 90 days.
    #[graphql(name = "LAST_90D")]
    Last90Days,
}

/// From when to when: a preset, or moments. Days are whole: each that the range touches is shown.
#[derive(InputObject)]
pub(crate) struct TimeRange {
    /// Alone: a range that ends now.
    preset: Option<TimeRangePreset>,
    /// The first moment; at most 400 days before the last.
    from: Option<AwsDateTime>,
    /// The last moment; now if left out.
    to: Option<AwsDateTime>,
}

/// The days of a range in UTC, first and last included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    first: NaiveDate,
    last: NaiveDate,
}

impl Range {
    /// The range asked for; of the last 30 days if none is.
    pub(crate) fn of(context: &Context<'_>, wanted: Option<TimeRange>) -> Result<Self, Error> {
        let now = context.data::<Now>()?.0.date_time();
        let preset = |preset| {
            let length = match preset {
                TimeRangePreset::Last24Hours => TimeDelta::hours(24),
                TimeRangePreset::Last7Days => TimeDelta::days(7),
                TimeRangePreset::Last30Days => TimeDelta::days(30),
                TimeRangePreset::Last90Days => TimeDelta::days(90),
            };
            (now - length, now)
        };
        let (from, to) = match wanted {
            None => preset(TimeRangePreset::Last30Days),
            Some(TimeRange { preset: Some(wanted), from: None, to: None }) => preset(wanted),
            Some(TimeRange { preset: None, from: Some(from), to }) => {
                (from.0.date_time(), to.map_or(now, |to| to.0.date_time()))
            }
            Some(_) => return Err(invalid("timeRange must have either a preset, or from and maybe to")),
        };
        if from > to {
            return Err(invalid("timeRange must not end before it begins"));
        }
        let range = Self { first: from.date_naive(), last: to.date_naive() };
        if range.days() > MAX_DAYS {
            return Err(invalid("timeRange must not touch more than 400 days"));
        }
        Ok(range)
    }

    /// How many days it touches.
    pub(crate) fn days(self) -> i64 {
        (self.last - self.first).num_days() + 1
    }

    /// The day before its first, as it stands in keys; none if there is no such day.
    pub(crate) fn before(self) -> Option<String> {
        self.first.checked_sub_days(Days::new(1)).map(|day| day.to_string())
    }

    /// Whether it has not ended before that day.
    pub(crate) fn reaches(self, day: &str) -> bool {
        day <= self.last.to_string().as_str()
    }
}

fn invalid(message: &str) -> Error {
    coded("VALIDATION_ERROR", message)
}
