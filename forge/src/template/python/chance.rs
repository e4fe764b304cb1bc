//! The time and what is random: given from outside, so that a rendering can be repeated.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

/// What a rendering cannot know by itself. The same values give the same output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Chance {
    /// In microseconds since the beginning of 1970, UTC.
    pub now: i64,
    /// What everything random follows from.
    pub seed: u64,
}

impl Chance {
    /// The same for the same text, at this time in microseconds since 1970.
    pub fn of(text: &str, now: i64) -> Self {
        let (seed, _) = Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).as_u64_pair();
        Self { now, seed }
    }

    /// The machine's clock, and another seed every time.
    pub fn of_the_machine() -> Self {
        let seed = RandomState::new().build_hasher().finish();
        Self { now: micros(SystemTime::now()), seed }
    }
}

/// Since 1970, negative before. A clock that is some hundred thousand years wrong tells the last moment there is.
fn micros(time: SystemTime) -> i64 {
    let bounded = |span: Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => bounded(since),
        Err(before) => -bounded(before.duration()),
    }
}

/// One number after the other; all copies draw from the same row.
#[derive(Debug, Clone)]
pub(super) struct Draws(Arc<AtomicU64>);

impl Draws {
    pub(super) fn new(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seed)))
    }

    /// `SplitMix64`: good enough for names, not for secrets.
    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let state = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number less than this one; nought, if it is nought.
    pub(super) fn below(&self, end: usize) -> usize {
        let scaled = (u128::from(self.next()) * (end as u128)) >> 64;
        // No more than `end`, which is one itself.
        usize::try_from(scaled).unwrap_or(end)
    }

    /// A version 4 UUID.
    pub(super) fn uuid(&self) -> String {
        let bits = (u128::from(self.next()) << 64) | u128::from(self.next());
        Builder::from_random_bytes(bits.to_be_bytes()).into_uuid().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same() {
        let draw = |seed| {
            let draws = Draws::new(seed);
            ((0..8).map(|_| draws.below(52)).collect::<Vec<_>>(), draws.uuid())
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert_eq!(Chance::of("shop", 1), Chance::of("shop", 1));
        assert_ne!(Chance::of("shop", 1).seed, Chance::of("shops", 1).seed);
    }

    #[test]
    fn a_clock_may_stand_before_1970() {
        let second = Duration::from_secs(1);
        for (time, expected) in
            [(UNIX_EPOCH + second, 1_000_000), (UNIX_EPOCH, 0), (UNIX_EPOCH - second, -1_000_000)]
        {
            assert_eq!(micros(time), expected);
        }
    }

    #[test]
    fn everything_below_the_end_is_drawn() {
        let draws = Draws::new(1);
        let drawn: std::collections::BTreeSet<usize> = (0..1000).map(|_| draws.below(10)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
    }
}
