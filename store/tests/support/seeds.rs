//! Trying seed after seed.

use std::env;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use tokio::runtime::{Builder, Runtime};

/// Which seeds to try.
pub struct Seeds {
    /// What they are tried on, in words.
    pub on: &'static str,
    /// How many, each time tests are run.
    pub usual: u64,
    /// How many with `SKAFU_SOAK=1`.
    pub soak: u64,
}

impl Seeds {
    /// Just one, with `SKAFU_SEED=n`; any number, with `SKAFU_SEEDS=n`.
    fn range(&self) -> std::ops::Range<u64> {
        let number = |name: &str| env::var(name).ok()?.parse::<u64>().ok();
        if let Some(seed) = number("SKAFU_SEED") {
            return seed..seed + 1;
        }
        let soak = env::var_os("SKAFU_SOAK").is_some();
        0..number("SKAFU_SEEDS").unwrap_or(if soak { self.soak } else { self.usual })
    }
}

/// Tries every seed, on two threads, each seed on one; `one` panics where something does not hold.
pub fn hold(seeds: &Seeds, one: impl Fn(&Runtime, u64) + Sync) {
    let (range, begun) = (seeds.range(), Instant::now());
    let (next, held, failed) = (AtomicU64::new(range.start), AtomicU64::new(0), AtomicBool::new(false));
    let work = || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        while !failed.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if !range.contains(&seed) {
                return;
            }
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| one(&runtime, seed))) {
                failed.store(true, Ordering::Relaxed);
                eprintln!("seed {seed} does not hold: run it alone with SKAFU_SEED={seed}");
                resume_unwind(panic);
            }
            held.fetch_add(1, Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| [0, 1].map(|_| scope.spawn(work)).into_iter().for_each(drop));
    // Not by a macro that tests capture: how many held is worth knowing of a test that passes, too.
    let (held, took) = (held.into_inner(), begun.elapsed());
    let mut told = std::io::stderr().lock();
    writeln!(told, "{held} seeds held on {} in {took:.1?}", seeds.on).unwrap();
}
