//! How fast a history becomes an aggregate: events per second, on one core.
//!
//! `cargo bench -p skafu-store --bench fold`

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run ends")]

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Map;
use skafu_domain::Aggregate;
use skafu_domain::project::Project;
use skafu_events::{AggregateKind, Commit, DomainEvent, Envelope, RecordedEvent, StreamId, Tenant, event_id};
use skafu_store::{decode_commit, encode_commit};
use uuid::Uuid;

type Event = <Project as Aggregate>::Event;

/// Events of the history that is folded again and again.
const HISTORY: usize = 10_000;
/// How long each figure is measured, and how often.
const TIME: Duration = Duration::from_millis(500);
const TIMES: usize = 5;

/// A long life: created once, then every other golden event in turn.
fn history() -> Vec<Envelope> {
    let golden: Vec<Envelope> =
        Project::GOLDEN.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let life = golden[1..].iter().cycle().take(HISTORY - 1);
    golden[..1].iter().chain(life).cloned().collect()
}

/// The history as it stands in the table, one event per commit.
fn items(history: &[Envelope]) -> Vec<HashMap<String, AttributeValue>> {
    let id = "8b0fbb9e-2f0c-5d58-9a39-0e4a1a3a1f10";
    let stream = StreamId::new(Tenant::new("acme").unwrap(), AggregateKind::Project, id).unwrap();
    let commit = |(version, envelope): (u64, &Envelope)| Commit {
        stream: stream.clone(),
        first_version: version,
        events: vec![RecordedEvent {
            event_id: event_id(&stream, version),
            event_type: envelope.event_type.clone(),
            event_version: envelope.event_version,
            data: envelope.data.clone(),
            data_ref: None,
        }],
        command_id: Uuid::now_v7(),
        body_hash: "9f86d081884c7d659a2feaa0c55ad015".to_owned(),
        correlation_id: Uuid::now_v7(),
        user_id: envelope.metadata.user_id.clone(),
        timestamp: envelope.timestamp,
        metadata: Map::new(),
    };
    (1..).zip(history).map(commit).map(|commit| encode_commit(&commit).unwrap()).collect()
}

fn decode(event_type: &str, event_version: u32, data: &serde_json::Value) -> Event {
    Event::decode(event_type, event_version, data).unwrap()
}

/// Prints the middle of several figures, with the least and the most.
fn report(name: &str, fold: impl Fn() -> Project) {
    let rate = || {
        let (start, mut events) = (Instant::now(), 0);
        while start.elapsed() < TIME {
            black_box(fold());
            events += HISTORY;
        }
        events as f64 / start.elapsed().as_secs_f64() / 1e6
    };
    let mut rates: Vec<f64> = (0..TIMES).map(|_| rate()).collect();
    rates.sort_by(f64::total_cmp);
    let (least, middle, most) = (rates[0], rates[TIMES / 2], rates[TIMES - 1]);
    println!("{name:<44} {middle:>7.3} M events/s ({least:.3}–{most:.3})");
}

fn main() {
    let history = history();
    let texts: Vec<String> = history.iter().map(|envelope| envelope.data.to_string()).collect();
    let events: Vec<Event> =
        history.iter().map(|it| decode(&it.event_type, it.event_version, &it.data)).collect();
    let items = items(&history);
    let bytes = texts.iter().map(String::len).sum::<usize>() / HISTORY;
    println!("a project of {HISTORY} events, payloads of {bytes} bytes of JSON on average");

    report("fold", || {
        let mut project = Project::default();
        events.iter().for_each(|event| project.evolve(black_box(event)));
        project
    });
    report("decode from parsed JSON, and fold", || {
        let mut project = Project::default();
        for it in &history {
            project.evolve(&decode(&it.event_type, it.event_version, black_box(&it.data)));
        }
        project
    });
    report("parse JSON text, decode, and fold", || {
        let mut project = Project::default();
        for (it, text) in history.iter().zip(&texts) {
            let data = serde_json::from_str(black_box(text)).unwrap();
            project.evolve(&decode(&it.event_type, it.event_version, &data));
        }
        project
    });
    // An item is taken apart, so each run takes copies: their making is part of the last figure.
    report("copy items alone", || {
        items.iter().for_each(|item| drop(black_box(item.clone())));
        Project::default()
    });
    report("copy items, decode commits, and fold", || {
        let mut project = Project::default();
        for item in &items {
            let commit = decode_commit(black_box(item).clone()).unwrap();
            for it in &commit.events {
                project.evolve(&decode(&it.event_type, it.event_version, &it.data));
            }
        }
        project
    });
}
