//! What a question costs whose view is one commit behind what its asker has written, beside one whose view is
//! current: `project(id)` with a token on the embedded DynamoDB, one after the other in one run.
//!
//! `cargo bench -p skafu-functions --bench read_your_writes`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot run ends"
)]

#[path = "../../store/tests/support/mod.rs"]
mod dynamo;

use std::sync::Arc;
use std::time::Instant;

use async_graphql::Request;
use chrono::Utc;
use serde_json::{Map, Value, json};
use skafu_domain::{Principal, Role};
use skafu_events::{AggregateKind, StreamId, Tenant};
use skafu_functions::projections::feed;
use skafu_graphql::{GraphqlApi, Settings, Viewer};
use skafu_store::consistency::Written;
use skafu_store::{Consistency, Draft, DynamoEventStore, DynamoViewStore, EventStore, NewEvent};
use uuid::Uuid;

/// Questions of each kind.
const QUESTIONS: usize = 1_000;

async fn append(events: &DynamoEventStore, stream: &StreamId, event_type: &str, data: Value) {
    let history = events.load(stream, Consistency::Strong).await.unwrap();
    let draft = Draft {
        events: vec![NewEvent { event_type: event_type.to_owned(), event_version: 1, data }],
        command_id: Uuid::now_v7(),
        body_hash: "hash".to_owned(),
        correlation_id: Uuid::now_v7(),
        user_id: "ada".to_owned(),
        timestamp: Utc::now().into(),
        metadata: Map::new(),
    };
    events.append(&history, draft, &[]).await.unwrap();
}

/// Milliseconds for one question of a person who has written that version.
async fn ask(api: &GraphqlApi, stream: &StreamId, version: u64, name: &str) -> f64 {
    let mut written = Written::default();
    written.note(stream.clone(), version);
    let principal = Principal::person(stream.tenant().clone(), "ada", [Role::Developer]).unwrap();
    let viewer = Viewer { principal, email: None, written, token: None };
    let query = format!("{{ project(id: \"{}\") {{ name status createdAt totalEvents }} }}", stream.id());
    let start = Instant::now();
    let answer = api.execute(viewer, Request::new(query)).await;
    let took = start.elapsed().as_secs_f64() * 1e3;
    assert_eq!(answer.data.into_json().unwrap()["project"]["name"], name);
    took
}

fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let client = dynamo::dynamodb().await;
    let events = Arc::new(DynamoEventStore::new(client.clone(), "events"));
    let views = Arc::new(DynamoViewStore::new(client, "views"));
    let projector = feed("project", events.clone(), views.clone()).unwrap().of(skafu_views::FIRST_GENERATION);
    let api = GraphqlApi::new(views, events.clone(), Settings::default());
    let tenant = Tenant::new("bench").unwrap();
    let [current, behind] =
        ["current", "behind"].map(|id| StreamId::new(tenant.clone(), AggregateKind::Project, id).unwrap());
    for stream in [&current, &behind] {
        let created = json!({ "name": "Shop", "ownerId": "ada", "templateId": "tiny" });
        append(&events, stream, "ProjectCreated", created).await;
        let rename = json!({ "changes": { "name": "Blog" }, "previousValues": { "name": "Shop" } });
        if stream == &current {
            append(&events, stream, "ProjectUpdated", rename).await;
            projector.release(stream).await.unwrap();
        } else {
            projector.release(stream).await.unwrap();
            append(&events, stream, "ProjectUpdated", rename).await;
        }
    }
    let (mut at_once, mut caught_up) = (Vec::new(), Vec::new());
    for at in 0..QUESTIONS + 50 {
        let (one, other) = (ask(&api, &current, 2, "Blog").await, ask(&api, &behind, 2, "Blog").await);
        // The first ones warm up.
        if at >= 50 {
            at_once.push(one);
            caught_up.push(other);
        }
    }
    let (at_once, caught_up) = (middle(at_once), middle(caught_up));
    println!("| the view is | p50 |\n|---|---|");
    println!("| current | {at_once:.2} ms |\n| one commit behind | {caught_up:.2} ms |");
    println!("\nratio {:.2}", caught_up / at_once);
}
