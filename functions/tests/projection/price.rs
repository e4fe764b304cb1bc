//! What a view costs: requests and write units for each aggregate and batch, by what the embedded DynamoDB
//! says it has consumed.

use std::sync::Arc;

use crate::support::{Saga, World, alice, bus_event, messages};
use aws_sdk_dynamodb::Client;
use serde_json::json;
use skafu_events::{AggregateKind, Commit};
use skafu_forge::repositories::BundleStore;
use skafu_functions::projections::{Projections, feed};
use skafu_store::{CountingMeter, DynamoViewStore};
use skafu_views::NAMES;

/// What bringing one aggregate up to date by one batch took: requests, and units of those that write.
#[derive(Debug, PartialEq)]
struct Price {
    reads: usize,
    writes: Vec<&'static str>,
    units: f64,
}

/// Feeds one batch to one view.
async fn price(client: &Client, world: &World, view: &str, commits: &[Commit]) -> Price {
    let meter = Arc::new(CountingMeter::default());
    let rows = Arc::new(DynamoViewStore::new(client.clone(), "views").with_meter(meter.clone()));
    let feed = feed(view, world.store.clone(), rows).unwrap();
    // An instance that is the first ever registers the first generation.
    feed.fed(chrono::Utc::now().into()).await.unwrap();
    meter.take();
    let handler = Projections::new(feed);
    let bodies: Vec<_> = commits.iter().flat_map(Commit::envelopes).map(|it| bus_event(&it)).collect();
    assert_eq!(handler.handle(messages(&bodies)).await.batch_item_failures.len(), 0);
    let (reads, writes): (Vec<_>, Vec<_>) =
        meter.take().into_iter().partition(|it| ["GetItem", "BatchGetItem", "Query"].contains(&it.operation));
    let units = writes.iter().map(|it| it.units).sum();
    Price { reads: reads.len(), writes: writes.iter().map(|it| it.operation).collect(), units }
}

/// Most commands leave a project where it stands.
#[tokio::test]
async fn a_project_that_stays_where_it_stands_costs_its_row_and_two_indexes() {
    let client = crate::dynamo::dynamodb().await;
    let world = World::new().await;
    let id = world.create_project(&alice(), "Shop", "tiny").await;
    let update = json!({ "projectId": id, "description": "A better one" });
    assert_eq!(world.send(&alice(), "project", "UpdateProject", update).await.status, 200);
    let commits = world.commits(AggregateKind::Project, &id);
    price(&client, &world, "project", &commits[..1]).await;
    let changed = price(&client, &world, "project", &commits[1..]).await;
    assert_eq!((changed.writes, changed.units), (vec!["PutItem"], 3.0));
}

#[tokio::test]
async fn each_view_costs_one_write_for_an_aggregate_and_two_reads_for_a_batch() {
    let client = crate::dynamo::dynamodb().await;
    let world = World::new().await;
    let id = world.create_project(&alice(), "Shop", "tiny").await;
    Saga::new(&world, Arc::new(BundleStore::new(world.blobs.clone())), &id).whole().await;
    let project = world.commits(AggregateKind::Project, &id);
    let template = world.commits(AggregateKind::Template, "tiny");
    let mut prices = Vec::new();
    for view in NAMES {
        let commits = if view == "template" { &template } else { &project };
        // The first commit begins the rows; the rest come in one batch, the last alone.
        let (first, rest) = commits.split_at(1);
        let (batch, last) = rest.split_at(rest.len() - 1);
        for commits in [first, batch, last] {
            let price = price(&client, &world, view, commits).await;
            // The generations, and the rows of all aggregates.
            assert_eq!((price.reads, price.writes.len()), (2, 1), "{view}: {price:?}");
            prices.push(format!("{view} {} {}", price.writes[0], price.units));
        }
    }
    let expected = [
        // The row and its places in two indexes; in its lists: it comes into two, then twice from one into another.
        ["project TransactWriteItems 8", "project TransactWriteItems 8", "project TransactWriteItems 8"],
        // The own row, the member's and the counters: each of these batches changes the status.
        ["user TransactWriteItems 6", "user TransactWriteItems 6", "user TransactWriteItems 6"],
        [
            "analytics TransactWriteItems 4",
            "analytics TransactWriteItems 4",
            "analytics TransactWriteItems 4",
        ],
        ["template PutItem 2", "template PutItem 2", "template PutItem 2"],
        // The batch in the middle holds three commits.
        ["activity TransactWriteItems 4", "activity TransactWriteItems 8", "activity TransactWriteItems 4"],
        [
            "operation TransactWriteItems 4",
            "operation TransactWriteItems 8",
            "operation TransactWriteItems 4",
        ],
    ];
    assert_eq!(prices, expected.concat());
}
