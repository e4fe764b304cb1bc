//! Proofs by simulation of the store alone: up to eight writers on few streams and fewer names, while
//! reads lag, requests fail and answers and snapshots are lost. Whatever the seed, a history is what its
//! writers were told.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

#[path = "writers/checks.rs"]
mod checks;
#[allow(dead_code, reason = "each test binary uses a part")]
mod contract;
#[path = "support/seeds.rs"]
mod seeds;
#[path = "writers/state.rs"]
mod state;
mod support;
#[path = "writers/work.rs"]
mod work;

use std::cell::OnceCell;
use std::sync::Arc;

use seeds::{Seeds, hold};
use skafu_store::faults::{Faults, FaultyStore, Random};
use skafu_store::{DynamoEventStore, EventStore, MemoryEventStore};
use tokio::runtime::Runtime;

/// One seed, from beginning to end.
async fn one(seed: u64, inner: impl EventStore + 'static) {
    let store = Arc::new(FaultyStore::new(inner));
    store.seed(seed);
    let mut random = Random::new(seed ^ 0xfa17);
    store.suffer(Faults {
        lag: random.below(6),
        lag_varies: true,
        losing: random.below(40),
        failing: random.below(25),
        snapshots_lost: random.below(60),
        snapshots_gone: random.below(20),
        ..Faults::default()
    });
    let told = work::everybody(&store, seed).await;
    store.suffer(Faults::default());
    checks::all(store.inner(), seed, &told).await;
}

#[test]
fn writers_on_the_store_in_memory_hold_for_every_seed() {
    let seeds = Seeds { on: "the store in memory, without commands", usual: 10_000, soak: 100_000 };
    hold(&seeds, |runtime, seed| runtime.block_on(one(seed, MemoryEventStore::default())));
}

#[test]
fn writers_on_dynamodb_hold_for_every_seed() {
    let seeds = Seeds { on: "the embedded DynamoDB, without commands", usual: 300, soak: 3_000 };
    thread_local! { static CLIENT: OnceCell<aws_sdk_dynamodb::Client> = const { OnceCell::new() } }
    hold(&seeds, |runtime: &Runtime, seed| {
        let client = CLIENT.with(|it| it.get_or_init(|| runtime.block_on(support::dynamodb())).clone());
        runtime.block_on(one(seed, DynamoEventStore::new(client, "events")));
    });
}
