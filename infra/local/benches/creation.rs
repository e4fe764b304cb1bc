//! How long a creation takes on the embedded system, from its command until the project is shown as ready.
//!
//! `cargo bench -p skafu --bench creation`
//!
//! One after the other, so that each has the machine for itself. Asked over GraphQL as a frontend would, every other
//! millisecond.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a benchmark that cannot run ends"
)]

#[path = "../../../tests/blackbox/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use serde_json::json;
use support::{ALICE, BUILT_IN, Home, Made, create_project};

const CREATIONS: usize = 50;
/// In milliseconds, for the middle of all.
const AIM: f64 = 300.0;

fn main() {
    let home = Home::new();
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    // The first one compiles schemas and fills caches.
    Made::accepted(&api, &create_project("Warm up", BUILT_IN, json!({}))).ready(&api);
    let mut took = Vec::new();
    for at in 0..CREATIONS {
        let body = create_project(&format!("Shop {at}"), BUILT_IN, json!({}));
        let start = Instant::now();
        let made = Made::accepted(&api, &body);
        while made.seen(&api)["status"] != "ready" {
            assert!(start.elapsed() < Duration::from_secs(60), "{}", made.seen(&api));
            std::thread::sleep(Duration::from_millis(2));
        }
        took.push(start.elapsed().as_secs_f64() * 1e3);
    }
    assert!(dev.stop().success());
    took.sort_by(f64::total_cmp);
    let [p50, p95] = [50, 95].map(|percent| took[(took.len() * percent / 100).min(took.len() - 1)]);
    println!("| ms from command to ready | p50 | p95 | of |\n|---|---|---|---|");
    println!("| a creation | {p50:.0} | {p95:.0} | {} |", took.len());
    println!("aim: p50 at most {AIM:.0} ms: {}", if p50 <= AIM { "held" } else { "missed" });
}
