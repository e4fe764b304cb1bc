use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use skafu_events::{Tenant, Timestamp};
use skafu_functions::Clock;
use skafu_functions::projections::Feed;
use skafu_functions::rebuild::{Rebuild, RebuildError};
use skafu_store::faults::{FaultyViews, Random};
use skafu_store::{EventStore, ViewStore};
use skafu_views::ROW;
use tokio::time::Instant;

use super::checks::table;
use super::mortal::mortal;
use super::queue::TICK;
use super::slow::generation;

/// The longest an invocation of a projector may take.
pub const TIMEOUT: Duration = Duration::from_millis(60);
/// How long what an invocation had sent before it was killed may take to land: on a real table, it does.
const MARGIN: Duration = Duration::from_millis(200);
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
    pub table: Arc<FaultyViews<V>>,
    pub tenant: Tenant,
    pub clock: Arc<dyn Clock>,
    pub random: Mutex<Random>,
    pub wrong: Arc<Mutex<Vec<String>>>,
}

impl<V: ViewStore> Rebuilder<V> {
    fn below(&self, bound: usize) -> usize {
        self.random.lock().unwrap().below(bound)
    }

    /// From the beginning to the flip, however often it takes.
    pub async fn run(&self) {
        // Often right after the deployment: then old code is still at work.
        let idle = if self.below(100) < 60 { 0 } else { self.below(150) };
        tokio::time::sleep(TICK * u32::try_from(idle).unwrap()).await;
        for kills in 0.. {
            let polls = (kills < MOST_KILLS && self.below(100) < 70).then(|| self.below(60));
            match mortal(self.once(), polls).await {
                Some(Ok(())) => return,
                // What cannot be folded is being mended; what failed may succeed.
                Some(Err(_)) | None => tokio::time::sleep(TICK * 10).await,
            }
        }
    }

    async fn once(&self) -> Result<(), RebuildError> {
        let (feed, events, rows) = (self.feed.clone(), self.events.clone(), self.rows.clone());
        let rebuild = Rebuild::new(feed, events, rows, TIMEOUT + MARGIN).with_clock(self.clock.clone());
        if rebuild.generations().await?.active().number > 1 {
            return Ok(());
        }
        let begun = rebuild.begin(2).await?;
        if !skafu_functions::mutants::Mutant::ScanAtOnce.is_on() {
            tokio::time::sleep(rebuild.remaining_wait(&begun)).await;
        }
        if skafu_functions::mutants::Mutant::EarlyFlip.is_on() {
            rebuild.segment(&begun, 0, &|_| false).await?;
        } else {
            for index in 0..begun.segments {
                rebuild.segment(&begun, index, &|_| false).await?;
            }
            rebuild.check(&begun).await?;
        }
        let keep = TICK * u32::try_from(self.below(3) * 400).unwrap();
        rebuild.flip(&begun, keep).await?;
        self.compare(1, begun.generation, "at the flip").await;
        // Batches that began before the flip write the old generation last.
        tokio::time::sleep(TIMEOUT).await;
        if keep > TICK * 400 && self.below(100) < 40 && rebuild.rollback().await.is_ok() {
            // It may show less for a moment: what the scan found before its message came, or was lost.
            tokio::time::sleep(TIMEOUT).await;
            // Forward again: nobody rebuilds it twice.
            rebuild.rollback().await?;
            self.compare(1, begun.generation, "when it was rolled forward").await;
        }
        Ok(())
    }

    /// What was shown before must be shown by what is shown from now on.
    async fn compare(&self, before: u32, after: u32, when: &str) {
        // The one that was shown first: meanwhile the other only moves on.
        let mine = |number: u32| {
            let view = self.feed.view();
            let mine = format!("/{view}.{number}/");
            move |key: &skafu_store::RowKey| {
                key.sort == ROW && generation(key) == number && key.partition.contains(&mine)
            }
        };
        let versions = |number| async move {
            let rows = table(self.table.inner(), self.tenant.as_str()).await;
            let own = rows.into_values().filter(|row| mine(number)(&row.key));
            let name = |key: &str| key.split('/').nth(2).unwrap_or_default().to_owned();
            own.map(|row| (name(&row.key.partition), (row.version, row.parked.is_some())))
                .collect::<BTreeMap<_, _>>()
        };
        let old = versions(before).await;
        let new = versions(after).await;
        for (name, (shown, _)) in old {
            let (version, parked) = new.get(&name).copied().unwrap_or_default();
            if version < shown && !parked {
                let view = self.feed.view();
                let line = format!("{view} went backwards {when}: {name} from {shown} to {version}");
                self.wrong.lock().unwrap().push(line);
            }
        }
    }
}
