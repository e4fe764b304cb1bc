//! How long after its commit an event is at the relay, and shown, on the embedded system.
//!
//! `cargo bench -p skafu --bench latency`
//!
//! At the relay: when that leaves its note for the sweep, right before it publishes. Shown: when the view's
//! row has the commit's version, asked every millisecond. It is published in between.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a benchmark that cannot run ends"
)]

#[path = "../../../tests/blackbox/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use skafu::cloud_db::{Clock, CloudDb};
use skafu::queue::{QueueConfig, Queues};
use support::{ALICE, BUILT_IN, Home, Made, create_project};
use uuid::Uuid;

const COMMANDS: usize = 200;
const QUEUE: &str = "skafu-sweep";

fn percentile(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

fn print(what: &str, mut figures: Vec<f64>) {
    figures.sort_by(f64::total_cmp);
    let [p50, p95, p99] = [50, 95, 99].map(|percent| percentile(&figures, percent));
    println!("| {what} | {p50:.1} | {p95:.1} | {p99:.1} | {} |", figures.len());
}

fn main() {
    let home = Home::new();
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    let made = Made::accepted(&api, &create_project("Demo", BUILT_IN, json!({})));
    made.ready(&api);
    let (tables, partition) = (dev.tables(), format!("acme/project.1/PROJECT#{}", made.id));
    let (mut acknowledged, mut shown) = (Vec::new(), Vec::new());
    for at in 0..COMMANDS {
        let data = json!({ "projectId": made.id, "description": format!("number {at}") });
        let body = json!({ "commandId": Uuid::now_v7(), "data": data });
        let start = Instant::now();
        let answer = api.command("project/UpdateProject", &body);
        acknowledged.push(start.elapsed().as_secs_f64() * 1e3);
        let version = answer.body["version"].as_u64().unwrap();
        let committed = Instant::now();
        while tables.row(partition.clone()).is_none_or(|row| row.version < version) {
            std::thread::sleep(Duration::from_millis(1));
        }
        shown.push(committed.elapsed().as_secs_f64() * 1e3);
    }
    let histories = tables.histories();
    let (_, history) = histories.iter().find(|(stream, _)| stream.id() == made.id).unwrap();
    assert!(dev.stop().success());
    let noted = noted(&home, &made.id, history);
    println!("| ms | p50 | p95 | p99 | of |\n|---|---|---|---|---|");
    print("command to answer", acknowledged);
    print("answer to shown", shown);
    print("append to the relay's note", noted);
}

/// When the relay had each commit in hand, in milliseconds after the command's own time.
fn noted(home: &Home, id: &str, history: &skafu_store::History) -> Vec<f64> {
    let config = QueueConfig {
        name: QUEUE.to_owned(),
        visibility_timeout: Duration::from_secs(30),
        delay: Duration::from_secs(60),
        redrive: None,
    };
    let cloud = CloudDb::open(&home.data().join("cloud.db")).unwrap();
    let queues = Queues::open(cloud, Clock::system(), vec![config]).unwrap();
    let mut figures = Vec::new();
    for letter in queues.peek(QUEUE, 1_000).unwrap() {
        let note: Value = serde_json::from_str(&letter.body).unwrap();
        for one in note["commits"].as_array().unwrap() {
            if !one["stream"].as_str().unwrap().ends_with(id) {
                continue;
            }
            let version = one["version"].as_u64().unwrap();
            let commit = history.commits().iter().find(|commit| commit.last_version() == version).unwrap();
            let took = letter.sent_at - commit.timestamp.date_time();
            figures.push(took.num_microseconds().unwrap() as f64 / 1e3);
        }
    }
    figures
}
