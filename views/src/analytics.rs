use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use skafu_events::project::ProjectEvent;
use skafu_events::{AggregateKind, DomainEvent, Envelope, Timestamp};

use crate::view::begins_commit;
use crate::{Change, FoldError, Keys, Step, View};

/// How much happened to a project, in all and by day (UTC).
///
/// What was counted stays counted: a deleted project keeps its row and its days.
///
/// Price: 4 WCU per commit (the totals and one day, in a transaction). No index.
#[derive(Debug)]
pub struct AnalyticsView;

/// What is counted of a project, in all or in one day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Counters {
    /// Events.
    pub events: u64,
    /// Accepted commands that changed something: commits.
    pub commands: u64,
    /// Changes to what it says about itself.
    pub updates: u64,
    /// Attempts to create it, those that failed before they made anything included.
    pub creation_attempts: u64,
    /// Attempts that succeeded.
    pub creations_succeeded: u64,
    /// Attempts that failed.
    pub creations_failed: u64,
    /// How often it was put away.
    pub archives: u64,
    /// How often it was taken out again.
    pub restores: u64,
}

/// The totals of one project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnalyticsRow {
    /// Since it was asked for.
    #[serde(flatten)]
    pub totals: Counters,
    /// When it was asked for.
    pub first_at: Timestamp,
    /// When something last happened to it.
    pub last_at: Timestamp,
}

impl Counters {
    fn named(&self) -> [(&'static str, u64); 8] {
        [
            ("events", self.events),
            ("commands", self.commands),
            ("updates", self.updates),
            ("creationAttempts", self.creation_attempts),
            ("creationsSucceeded", self.creations_succeeded),
            ("creationsFailed", self.creations_failed),
            ("archives", self.archives),
            ("restores", self.restores),
        ]
    }

    /// By how much each counter went up since `before`; what did not is left out.
    fn since(&self, before: &Self) -> BTreeMap<String, i64> {
        let pairs = self.named().into_iter().zip(before.named());
        let went_up =
            pairs.map(|((name, now), (_, then))| (name.to_owned(), now.saturating_sub(then) as i64));
        went_up.filter(|(_, by)| *by != 0).collect()
    }
}

impl AnalyticsView {
    /// What the sort keys of a project's days begin with; the date follows, `2025-01-18`.
    pub const DAYS: &'static str = "DAY#";

    /// The sort key of the day a moment falls on, in UTC.
    pub fn day(at: Timestamp) -> String {
        format!("{}{}", Self::DAYS, at.date_time().date_naive())
    }
}

impl View for AnalyticsView {
    const NAME: &'static str = "analytics";
    const KINDS: &'static [AggregateKind] = &[AggregateKind::Project];
    type Row = AnalyticsRow;

    fn apply(row: Option<AnalyticsRow>, envelope: &Envelope) -> Result<Option<AnalyticsRow>, FoldError> {
        let event = ProjectEvent::decode(&envelope.event_type, envelope.event_version, &envelope.data)?;
        let at = envelope.timestamp;
        let mut row = match row {
            Some(row) => row,
            None => {
                FoldError::unless_first(envelope)?;
                AnalyticsRow { totals: Counters::default(), first_at: at, last_at: at }
            }
        };
        let totals = &mut row.totals;
        totals.events += 1;
        totals.commands += u64::from(begins_commit(envelope));
        // Attempts are numbered from 1, and one may fail without having begun: the highest number counts.
        let attempted = |attempt: u32| totals.creation_attempts.max(u64::from(attempt));
        match event {
            ProjectEvent::ProjectCreated(_)
            | ProjectEvent::TemplateSelected(_)
            | ProjectEvent::TemplateRendered(_)
            | ProjectEvent::ProjectCreationCompensated(_)
            | ProjectEvent::ProjectCreationRetried(_)
            | ProjectEvent::ProjectCreationStuck(_)
            | ProjectEvent::ProjectCompensationRetried(_)
            | ProjectEvent::ProjectCreationResolved(_)
            | ProjectEvent::ProjectDeleted(_) => {}
            ProjectEvent::ProjectCreationStarted(started) => {
                totals.creation_attempts = attempted(started.attempt);
            }
            ProjectEvent::ProjectConfigured(_) => totals.creations_succeeded += 1,
            ProjectEvent::ProjectCreationFailed(failed) => {
                totals.creation_attempts = attempted(failed.attempt);
                totals.creations_failed += 1;
            }
            ProjectEvent::ProjectUpdated(_) => totals.updates += 1,
            ProjectEvent::ProjectArchived(_) => totals.archives += 1,
            ProjectEvent::ProjectRestored(_) => totals.restores += 1,
        }
        row.last_at = row.last_at.max(at);
        Ok(Some(row))
    }

    /// All of a commit happens at one moment, so the day goes up by as much as the totals did.
    fn changes(keys: &Keys, step: Step<'_, AnalyticsRow>) -> Vec<Change> {
        let before = step.before.map(|row| row.totals).unwrap_or_default();
        let (Some(after), Some(event)) = (step.after, step.events.first()) else { return Vec::new() };
        vec![Change::Add {
            partition: keys.aggregate(step.stream),
            sort: Self::day(event.timestamp),
            counters: after.totals.since(&before),
        }]
    }
}
