mod bell;
mod former;
mod plan;
mod store;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::turn::Turn;
use super::{Random, unavailable};
use crate::{MemoryViewStore, StoreError};
use bell::Bell;
use former::Former;

pub use plan::ViewFaults;

/// A view table that suffers [`ViewFaults`] on the way to another.
#[derive(Default)]
pub struct FaultyViews<S = MemoryViewStore> {
    inner: S,
    state: Mutex<State>,
    crashed: Bell,
}

struct State {
    faults: ViewFaults,
    random: Random,
    former: Former,
}

impl Default for State {
    fn default() -> Self {
        Self { faults: ViewFaults::default(), random: Random::new(0), former: Former::default() }
    }
}

/// What becomes of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answered,
    Fails,
    CrashesBefore,
    CrashesAfter,
}

impl State {
    fn fate(&mut self) -> Fate {
        match self.faults.crash_in {
            Some(0) => {
                self.faults.crash_in = None;
                return if self.random.chance(50) { Fate::CrashesBefore } else { Fate::CrashesAfter };
            }
            left => self.faults.crash_in = left.map(|left| left - 1),
        }
        if self.random.chance(self.faults.failing) { Fate::Fails } else { Fate::Answered }
    }
}

impl<S> FaultyViews<S> {
    /// Stands before that table. Nothing goes wrong yet.
    pub fn new(inner: S) -> Self {
        Self { inner, state: Mutex::default(), crashed: Bell::default() }
    }

    /// The table behind it, which nothing happens to.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    /// From now on this goes wrong.
    pub fn suffer(&self, faults: ViewFaults) {
        self.state().faults = faults;
    }

    /// What goes wrong by chance follows from this seed.
    pub fn seed(&self, seed: u64) {
        self.state().random = Random::new(seed);
    }

    /// Waits for a request that never returns: whoever sent it can be ended now. Ready once for each,
    /// also for one that was sent before this was asked.
    pub async fn crashed(&self) {
        self.crashed.rang().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets others go first, then perhaps fails, or never returns.
    async fn request<T, E>(&self, effect: impl Future<Output = Result<T, E>>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let turns = 1 + self.state().random.below(3);
        for _ in 0..turns {
            Turn::default().await;
        }
        let fate = self.state().fate();
        match fate {
            Fate::Answered => return effect.await,
            Fate::Fails => return Err(unavailable("request").into()),
            Fate::CrashesBefore => {}
            // Nobody is left to be told what came of it.
            Fate::CrashesAfter => drop(effect.await),
        }
        self.crashed.ring();
        std::future::pending().await
    }
}
