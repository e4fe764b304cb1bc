use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use skafu_events::{Tenant, Timestamp};
use skafu_functions::Clock;
use skafu_functions::mutants::Mutant;
use skafu_functions::projections::Feed;
use skafu_functions::rebuild::{Rebuild, RebuildError};
use skafu_store::faults::{FaultyViews, Random};
use skafu_store::{EventStore, ViewStore};
use skafu_views::ROW;
use tokio::time::Instant;

use super::checks::table;
use super::flights::Flights;
use super::landing::Landing;
use super::mortal::mortal;
use super::queue::TICK;

/// The longest an invocation of a projector may take.
pub const TIMEOUT: Duration = Duration::from_millis(100);
/// The version of each aggregate that is shown, and whether it is parked.
type Shown = BTreeMap<String, (u64, bool)>;

/// How often a rebuild may be killed.
const MOST_KILLS: usize = 6;

/// A clock that goes with the time of the simulation.
pub struct SimClock(Instant);

impl Default for SimClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        let start: DateTime<Utc> = "2025-06-01T00:00:00Z".parse().unwrap();
        (start + TimeDelta::from_std(self.0.elapsed()).unwrap()).into()
    }
}

/// Somebody who rebuilds a view while everything goes on, and is killed now and then.
pub struct Rebuilder<V> {
    pub feed: Arc<Feed>,
    pub events: Arc<dyn EventStore>,
    pub rows: Arc<dyn ViewStore>,
    pub table: Arc<FaultyViews<Landing<V>>>,
    pub invocations: Flights,
    pub tenant: Tenant,
    pub clock: Arc<dyn Clock>,
    pub random: Mutex<Random>,
    pub wrong: Arc<Mutex<Vec<String>>>,
}

impl<V: ViewStore + 'static> Rebuilder<V> {
    fn below(&self, bound: usize) -> usize {
        self.random.lock().unwrap().below(bound)
    }

    /// From the beginning to the flip, however often it takes.
    pub async fn run(&self) {
        // Often right after the deployment: then old code is still at work.
        let idle = if self.below(100) < 60 { 0 } else { self.below(150) };
        tokio::time::sleep(TICK * u32::try_from(idle).unwrap()).await;
        for kills in 0.. {
            let polls = (kills < MOST_KILLS && self.below(100) < 50).then(|| self.below(60));
            match mortal(self.once(), polls).await {
                Some(Ok(())) => return,
                // What cannot be folded is being mended; what failed may succeed.
                Some(Err(_)) | None => tokio::time::sleep(TICK * 10).await,
            }
        }
    }

    async fn once(&self) -> Result<(), RebuildError> {
        // What it had sent before it was killed.
        self.table.inner().landed().await;
        let (feed, events, rows) = (self.feed.clone(), self.events.clone(), self.rows.clone());
        let rebuild = Rebuild::new(feed, events, rows, TIMEOUT).with_clock(self.clock.clone());
        if rebuild.generations().await?.active().number > 1 {
            return Ok(());
        }
        let begun = rebuild.begin(2).await?;
        if !Mutant::ScanAtOnce.is_on() {
            tokio::time::sleep(rebuild.remaining_wait(&begun)).await;
            self.settled().await;
        }
        if Mutant::EarlyFlip.is_on() {
            rebuild.segment(&begun, 0, &|_| false).await?;
        } else {
            for index in 0..begun.segments {
                rebuild.segment(&begun, index, &|_| false).await?;
            }
            rebuild.check(&begun).await?;
        }
        // From one step of a rebuild to the next it takes a while.
        tokio::time::sleep(TICK * u32::try_from(self.below(60)).unwrap()).await;
        let keep = TICK * u32::try_from(self.below(3) * 400).unwrap();
        let still = self.table.inner().still().await;
        rebuild.flip(&begun, keep).await?;
        self.compare(1, begun.generation, "at the flip", &Shown::new()).await;
        drop(still);
        if keep > TICK * 400 && self.below(100) < 40 && rebuild.rollback().await.is_ok() {
            // Batches that began before it write the old generation first.
            self.settled().await;
            let still = self.table.inner().still().await;
            let [ahead] = self.shown([1]).await;
            drop(still);
            tokio::time::sleep(TIMEOUT).await;
            // Forward again: nobody rebuilds it twice.
            let still = self.table.inner().still().await;
            rebuild.rollback().await?;
            self.compare(1, begun.generation, "when it was rolled forward", &ahead).await;
            drop(still);
        }
        Ok(())
    }

    /// Waits until all invocations that have begun by now are over, and what they had sent has landed. How
    /// long that takes is the machine's affair.
    async fn settled(&self) {
        self.invocations.over().await;
        self.table.inner().landed().await;
    }

    /// How far each aggregate is shown by these generations, and whether it is parked there.
    async fn shown<const N: usize>(&self, generations: [u32; N]) -> [Shown; N] {
        let rows = table(self.table.inner(), self.tenant.as_str()).await;
        let name = |key: &str| key.split('/').nth(2).unwrap_or_default().to_owned();
        generations.map(|number| {
            let mine = format!("/{}.{number}/", self.feed.view());
            let own = rows.values().filter(|row| row.key.sort == ROW && row.key.partition.contains(&mine));
            own.map(|row| (name(&row.key.partition), (row.version, row.parked.is_some()))).collect()
        })
    }

    /// What was shown before must be shown by what is shown from now on; but for what was shown `ahead` of
    /// it all the time, when it was not yet the one that is written first.
    async fn compare(&self, before: u32, after: u32, when: &str, ahead: &Shown) {
        let [old, new] = self.shown([before, after]).await;
        for (name, (shown, _)) in old {
            let (version, parked) = new.get(&name).copied().unwrap_or_default();
            let was_ahead = ahead.get(&name).is_some_and(|(ahead, _)| *ahead == shown);
            if version < shown && !parked && !was_ahead {
                let view = self.feed.view();
                let line = format!("{view} went backwards {when}: {name} from {shown} to {version}");
                self.wrong.lock().unwrap().push(line);
            }
        }
    }
}
