//! A store with the troubles of one on a network, for proofs: reads that lag, answers that are lost,
//! requests that fail, snapshots that disappear, and other writers between any two requests.
//!
//! Everything that goes wrong follows from a seed, so that on one thread a run can be run again.

mod plan;
mod random;
mod snapshots;
mod store;
mod turn;
mod views;

use std::sync::{Mutex, MutexGuard, PoisonError};

use skafu_events::Commit;

use crate::{MemoryEventStore, StoreError};
use snapshots::Snapshots;
use turn::Turn;

pub use plan::{Faults, Seen};
pub use random::Random;
pub use views::{FaultyViews, ViewFaults};

/// A store that suffers [`Faults`] on its way to another.
#[derive(Default)]
pub struct FaultyStore<S = MemoryEventStore> {
    inner: S,
    state: Mutex<State>,
}

struct State {
    faults: Faults,
    random: Random,
    /// What happens to snapshots has its own luck: with or without them, all else stays the same.
    fortune: Random,
    snapshots: Snapshots,
    seen: Vec<Seen>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            faults: Faults::default(),
            random: Random::new(0),
            fortune: Random::new(1),
            snapshots: Snapshots::default(),
            seen: Vec::new(),
        }
    }
}

impl<S> FaultyStore<S> {
    /// Stands before that store. Nothing goes wrong yet.
    pub fn new(inner: S) -> Self {
        Self { inner, state: Mutex::default() }
    }

    /// The store behind it, which nothing happens to.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    /// From now on this goes wrong.
    pub fn suffer(&self, faults: Faults) {
        self.state().faults = faults;
    }

    /// What goes wrong by chance follows from this seed.
    pub fn seed(&self, seed: u64) {
        let mut state = self.state();
        state.random = Random::new(seed);
        state.fortune = Random::new(!seed);
    }

    /// The requests since the last time this was asked.
    pub fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.state().seen)
    }

    /// From now on no reader is shown any snapshot that was kept through this store.
    pub fn forget_snapshots(&self) {
        self.state().snapshots.forget();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets others go first, then perhaps fails.
    async fn request(&self, seen: Seen) -> Result<(), StoreError> {
        let turns = {
            let mut state = self.state();
            state.seen.push(seen);
            1 + state.random.below(3)
        };
        for _ in 0..turns {
            Turn::default().await;
        }
        if self.state().fails() { Err(unavailable("request")) } else { Ok(()) }
    }
}

impl FaultyStore<MemoryEventStore> {
    /// Every commit of every stream, each stream in order.
    pub fn all_commits(&self) -> Vec<Commit> {
        self.inner.all_commits()
    }
}

impl State {
    fn fails(&mut self) -> bool {
        if let Some(left) = &mut self.faults.outages_after {
            if *left == 0 {
                return true;
            }
            *left -= 1;
        }
        counts_down(&mut self.faults.outages) || self.random.chance(self.faults.failing)
    }

    fn loses_answer(&mut self) -> bool {
        counts_down(&mut self.faults.lost_acks) || self.random.chance(self.faults.losing)
    }

    fn lag(&mut self) -> usize {
        match self.faults.lag {
            lag if self.faults.lag_varies => self.random.below(lag.saturating_add(1)),
            lag => lag,
        }
    }
}

fn counts_down(left: &mut usize) -> bool {
    let some = *left > 0;
    *left = left.saturating_sub(1);
    some
}

fn unavailable(what: &'static str) -> StoreError {
    StoreError::unavailable(what, "injected")
}
