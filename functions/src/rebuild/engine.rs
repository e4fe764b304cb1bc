use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use skafu_events::Timestamp;
use skafu_store::generations::{Generations, State};
use skafu_store::{Consistency, EventStore, ViewStore};

use super::{RebuildError, Standing};
use crate::mutants::Mutant;
use crate::projections::Feed;
use crate::{Clock, SystemClock};

/// The rebuild of one view.
pub struct Rebuild {
    pub(super) feed: Arc<Feed>,
    pub(super) events: Arc<dyn EventStore>,
    pub(super) rows: Arc<dyn ViewStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) wait: Duration,
}

/// A generation that is being built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Begun {
    /// Its number.
    pub generation: u32,
    /// Into how many segments its scan is divided.
    pub segments: u32,
    /// When the scan may begin.
    pub scan_from: Timestamp,
    /// Whether it had been begun before.
    pub resumed: bool,
}

impl Rebuild {
    /// A rebuild of the view that `feed` feeds. The scan begins `wait` after the generation is registered:
    /// at least as long as a projector may run, for one of older code does not feed the generation.
    pub fn new(
        feed: Arc<Feed>,
        events: Arc<dyn EventStore>,
        rows: Arc<dyn ViewStore>,
        wait: Duration,
    ) -> Self {
        Self { feed, events, rows, clock: Arc::new(SystemClock), wait }
    }

    /// Tells the time by another clock.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The view's name.
    pub fn view(&self) -> &'static str {
        self.feed.view()
    }

    /// Registers a generation, or finds the one that this fold is building already.
    pub async fn begin(&self, segments: u32) -> Result<Begun, RebuildError> {
        let (now, fold) = (self.clock.now(), self.feed.fold());
        let change = |it: &mut Generations| {
            let before = it.building().map(|it| it.number);
            let generation = it.begin(fold, segments.max(1), now);
            Ok::<_, std::convert::Infallible>((generation, before == Some(generation)))
        };
        let changed = self.feed.registry().change(self.view(), fold, now, change).await;
        let ((generation, resumed), generations) = changed?;
        let (since, segments) = building(&generations, generation)?;
        let scan_from = after(since, self.wait);
        Ok(Begun { generation, segments, scan_from, resumed })
    }

    /// How long to wait before the scan may begin.
    pub fn remaining_wait(&self, begun: &Begun) -> Duration {
        let left = begun.scan_from.date_time() - self.clock.now().date_time();
        left.to_std().unwrap_or_default()
    }

    /// How far every segment is.
    pub async fn standings(&self, begun: &Begun) -> Result<Vec<Standing>, RebuildError> {
        let mut standings = Vec::new();
        for index in 0..begun.segments {
            standings.push(Standing::load(&*self.rows, self.view(), begun.generation, index).await?);
        }
        Ok(standings)
    }

    /// Answers questions from the new generation. The one before is fed for another `keep`.
    pub async fn flip(&self, begun: &Begun, keep: Duration) -> Result<Generations, RebuildError> {
        let standings = self.standings(begun).await?;
        let done = standings.iter().filter(|it| it.done).count();
        if done < standings.len() && !Mutant::EarlyFlip.is_on() {
            let count = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
            return Err(RebuildError::NotWhole { done: count(done), total: count(standings.len()) });
        }
        let now = self.clock.now();
        let flip = |it: &mut Generations| {
            // Somebody else may have flipped it already.
            if it.active().number == begun.generation {
                return Ok(());
            }
            it.flip(begun.generation, now, after(now, keep))
        };
        let changed = self.feed.registry().change(self.view(), self.feed.fold(), now, flip).await;
        changed.map(|((), generations)| generations).map_err(RebuildError::refused)
    }

    /// Answers questions from the generation before again. Returns the generations afterwards.
    pub async fn rollback(&self) -> Result<Generations, RebuildError> {
        let now = self.clock.now();
        let back = |it: &mut Generations| it.rollback(now);
        let changed = self.feed.registry().change(self.view(), self.feed.fold(), now, back).await;
        changed.map(|(_, generations)| generations).map_err(RebuildError::refused)
    }

    /// Ends what is being built. None: nothing was.
    pub async fn abandon(&self) -> Result<Option<u32>, RebuildError> {
        let now = self.clock.now();
        let end = |it: &mut Generations| Ok::<_, std::convert::Infallible>(it.abandon());
        let changed = self.feed.registry().change(self.view(), self.feed.fold(), now, end).await;
        Ok(changed?.0)
    }

    /// The view's generations as they stand.
    pub async fn generations(&self) -> Result<Generations, RebuildError> {
        let now = self.clock.now();
        let found = self.feed.registry().read(self.view(), Consistency::Strong).await?;
        Ok(found.unwrap_or_else(|| Generations::first(self.feed.fold(), now)))
    }

    /// Whether the generation is being built, and its scan may read.
    pub(super) async fn may_scan(&self, begun: &Begun) -> Result<(), RebuildError> {
        let generations = self.generations().await?;
        let (since, _) = building(&generations, begun.generation)?;
        let early = self.clock.now().date_time() < after(since, self.wait).date_time();
        if early && !Mutant::ScanAtOnce.is_on() { Err(RebuildError::TooEarly) } else { Ok(()) }
    }
}

fn building(generations: &Generations, number: u32) -> Result<(Timestamp, u32), RebuildError> {
    match generations.building() {
        Some(it) if it.number == number => match it.state {
            State::Building { since, segments } => Ok((since, segments)),
            _ => Err(skafu_store::generations::NotBuilding(number).into()),
        },
        _ => Err(skafu_store::generations::NotBuilding(number).into()),
    }
}

pub(super) fn after(moment: Timestamp, by: Duration) -> Timestamp {
    let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
    moment.date_time().checked_add_signed(by).unwrap_or(moment.date_time()).into()
}
