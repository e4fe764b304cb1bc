//! Proofs by simulation: whatever is lost, doubled, late, refused or killed between the event table and
//! the views, in the end every row is what a fresh fold gives, and every counter is exact.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

#[path = "../../store/tests/support/mod.rs"]
mod dynamo;
#[path = "../../store/tests/support/seeds.rs"]
mod seeds;
mod simulate_views;
mod support;

use std::sync::OnceLock;

use seeds::{Seeds, hold};
use simulate_views::{Setting, Verdict, run};
use skafu_functions::mutants::Mutant;
use skafu_store::{DynamoEventStore, DynamoViewStore, MemoryEventStore, MemoryViewStore};
use tokio::runtime::Builder;
use tokio::task::LocalSet;

/// One seed on the twins, in virtual time.
fn on_the_twins(seed: u64) -> Verdict {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let setting = Setting { events: MemoryEventStore::default(), rows: MemoryViewStore::default() };
    LocalSet::new().block_on(&runtime, run(seed, setting))
}

#[test]
fn simulation_of_views_on_the_twins_holds_for_every_seed() {
    let seeds = Seeds { on: "the twins of all views", usual: 10_000, soak: 100_000 };
    hold(&seeds, |_, seed| assert_eq!(on_the_twins(seed), [""; 0]));
}

#[test]
fn simulation_of_views_on_dynamodb_holds_for_every_seed() {
    let seeds = Seeds { on: "the views on the embedded DynamoDB", usual: 300, soak: 3_000 };
    thread_local! { static CLIENT: OnceLock<aws_sdk_dynamodb::Client> = const { OnceLock::new() } }
    hold(&seeds, |runtime, seed| {
        let client = CLIENT.with(|it| it.get_or_init(|| runtime.block_on(dynamo::dynamodb())).clone());
        // Tables of its own: a rebuild reads all there is.
        let (events, views) = (format!("events-{seed}"), format!("views-{seed}"));
        runtime.block_on(dynamo::tables::create(&client, &events, &views));
        let setting = Setting {
            events: DynamoEventStore::new(client.clone(), events),
            rows: DynamoViewStore::new(client, views),
        };
        assert_eq!(LocalSet::new().block_on(runtime, run(seed, setting)), [""; 0]);
    });
}

#[test]
fn simulation_of_views_goes_the_same_way_each_time() {
    for seed in 0..5 {
        assert_eq!(on_the_twins(seed), on_the_twins(seed));
    }
}

/// A late duplicate after a deletion, a mistake that is mended after messages were acknowledged, and the
/// seed that once showed a late write release a parked row (now `projections_parked.rs` holds that).
#[test]
fn simulation_of_views_seeds_2_7_and_223_hold() {
    for seed in [2, 7, 223] {
        assert_eq!(on_the_twins(seed), [""; 0]);
    }
}

/// Each mistake is made on purpose, and some seed notices.
#[test]
fn simulation_of_views_catches_every_mutant() {
    const TRIES: u64 = 1_000;
    let survivors: Vec<_> = Mutant::ALL
        .into_iter()
        .filter(|mutant| {
            let caught = (0..TRIES).find_map(|seed| {
                let wrong = mutant.during(|| on_the_twins(seed));
                wrong.into_iter().next().map(|line| (seed, line))
            });
            match &caught {
                Some((seed, line)) => println!("{mutant:?} is caught by seed {seed}: {line}"),
                None => println!("{mutant:?} survives {TRIES} seeds"),
            }
            caught.is_none()
        })
        .collect();
    assert_eq!(survivors, []);
}
