use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Instant;

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
    /// Just one, with `SKAFU_SEED=n`.
    fn range(&self) -> std::ops::Range<u64> {
        if let Some(seed) = env::var("SKAFU_SEED").ok().and_then(|seed| seed.parse().ok()) {
            return seed..seed + 1;
        }
        0..if env::var_os("SKAFU_SOAK").is_some() { self.soak } else { self.usual }
    }
}

/// Tries every seed, on two threads, each seed on one; `one` panics where something does not hold.
pub fn hold(seeds: &Seeds, one: impl Fn(&tokio::runtime::Runtime, u64) + Sync) {
    let (range, begun) = (seeds.range(), Instant::now());
    let held = std::sync::atomic::AtomicU64::new(0);
    std::thread::scope(|scope| {
        for half in 0..2 {
            let (range, one, held) = (range.clone(), &one, &held);
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                for seed in range.filter(|seed| seed % 2 == half) {
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| one(&runtime, seed))) {
                        eprintln!("seed {seed} does not hold: run it alone with SKAFU_SEED={seed}");
                        resume_unwind(panic);
                    }
                    held.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                }
            });
        }
    });
    println!("{} seeds held on {} in {:?}", held.into_inner(), seeds.on, begun.elapsed());
}
