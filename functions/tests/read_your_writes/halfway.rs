//! Projections that have come any part of the way: with the token every list is the one of a world in which
//! they have come all the way, whatever the size of its pages.

use std::sync::Arc;

use serde_json::{Value, json};
use skafu_events::{AggregateKind, Commit};
use skafu_store::{MemoryViewStore, ViewStore};
use skafu_views::NAMES;

use crate::lagging::Lagging;
use crate::replica::Replica;
use crate::support::{Questions, Random, alice, bob, show_in};

/// How many worlds, if `SKAFU_SEEDS` does not say.
const SEEDS: u64 = 300;

/// Queries with a list, and where it is.
const LISTS: [(&str, &str); 4] = [
    ("query($limit: Int, $nextToken: String, $id: ID!) {
        projects(limit: $limit, nextToken: $nextToken) { items { id name status totalEvents } nextToken }
        project(id: $id) { id } }", "/projects"),
    ("query($limit: Int, $nextToken: String, $id: ID!) {
        projectsByUser(userId: \"alice\", limit: $limit, nextToken: $nextToken) { items { id name } nextToken }
        project(id: $id) { id } }", "/projectsByUser"),
    ("query($limit: Int, $nextToken: String, $id: ID!) {
        me { projects(limit: $limit, nextToken: $nextToken) { items { id name status updatedAt } nextToken } }
        project(id: $id) { id } }", "/me/projects"),
    ("query($limit: Int, $nextToken: String, $id: ID!) {
        projectActivity(projectId: $id, limit: $limit, nextToken: $nextToken) { items { version events } nextToken } }",
     "/projectActivity"),
];

/// Queries without.
const SINGLE: &str = "query($id: ID!) {
    project(id: $id) { name status totalEvents updatedAt }
    me { projectCount projectsByStatus { draft ready archived failed configuring } }
    projectAnalytics(projectId: $id) { totals { events commands updates } days { date counters { commands } } }
}";

/// A world with a random history of Alice's, some of Bob's, and Alice's token.
async fn history(random: &mut Random) -> (Lagging, Vec<String>) {
    let mut it = Lagging::new().await;
    let mut ids: Vec<String> = Vec::new();
    let projects = 1 + random.below(5);
    for step in 0..projects * 3 {
        if ids.len() < projects && (ids.is_empty() || random.chance(40)) {
            let id = it.create(&format!("Shop {step}")).await;
            if random.chance(30) {
                it.make(&id).await;
            }
            ids.push(id);
            continue;
        }
        let id = &ids[random.below(ids.len())];
        let (command, data) = match random.below(10) {
            0..=4 => ("UpdateProject", json!({ "projectId": id, "name": format!("Blog {step}") })),
            5 | 6 => ("ArchiveProject", json!({ "projectId": id })),
            7 | 8 => ("RestoreProject", json!({ "projectId": id })),
            _ => ("DeleteProject", json!({ "projectId": id, "reason": "over" })),
        };
        // Some are against a rule: they change nothing.
        it.world.send_after(&mut it.token, &alice(), command, data).await;
    }
    // What the saga did last is demanded by nobody until something is written after it.
    for (at, id) in ids.iter().enumerate() {
        let data = json!({ "projectId": id, "description": format!("Number {at}") });
        it.world.send_after(&mut it.token, &alice(), "UpdateProject", data).await;
    }
    if random.chance(50) {
        it.world.create_project(&bob(), "Bobs", "tiny").await;
    }
    random.shuffle(&mut ids);
    (it, ids)
}

/// Shows each aggregate in each view up to the end of any of its commits, and in the replica at most as far;
/// what Alice has not written, whole.
async fn show_some(it: &Lagging, replica: &Replica, ids: &[String], random: &mut Random) {
    let commits = it.world.store.all_commits();
    let is_hers = |commit: &Commit| {
        commit.stream.kind() == AggregateKind::Project && ids.iter().any(|id| id == commit.stream.id())
    };
    for view in NAMES {
        for commit in commits.iter().filter(|commit| !is_hers(commit)) {
            show_in(view, &*replica.now, commit).await;
            show_in(view, &*replica.then, commit).await;
        }
        for id in ids {
            let own: Vec<&Commit> =
                commits.iter().filter(|commit| is_hers(commit) && commit.stream.id() == id).collect();
            let now = random.below(own.len() + 1);
            let then = random.below(now + 1);
            for (at, commit) in own.into_iter().enumerate().take(now) {
                show_in(view, &*replica.now, commit).await;
                if at < then {
                    show_in(view, &*replica.then, commit).await;
                }
            }
        }
    }
}

async fn walk(
    questions: &Questions,
    token: &str,
    (query, at): (&str, &str),
    id: &str,
    limit: usize,
) -> Vec<Value> {
    let (mut seen, mut next) = (Vec::new(), Value::Null);
    for _ in 0..100 {
        let variables = json!({ "id": id, "limit": limit, "nextToken": next });
        let answer = questions.ask_after(&alice(), token, query, variables).await;
        assert_eq!(answer["errors"], Value::Null, "{answer}");
        let Some(page) = answer["data"].pointer(at).filter(|page| page.is_object()) else { return seen };
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit, "{page}");
        assert!(items.len() == limit || page["nextToken"].is_null(), "a page with room has no next: {page}");
        seen.extend(items.clone());
        next = page["nextToken"].clone();
        if next.is_null() {
            return seen;
        }
    }
    panic!("the list does not end")
}

async fn one(seed: u64) {
    let mut random = Random::new(seed);
    let (it, ids) = history(&mut random).await;
    let (now, then) = (it.questions.views.clone(), Arc::new(MemoryViewStore::default()));
    let replica = Arc::new(Replica { now: now.clone(), then });
    show_some(&it, &replica, &ids, &mut random).await;
    let halfway = Questions::over(&it.world, now, replica);
    let whole = Arc::new(MemoryViewStore::default());
    for commit in &it.world.store.all_commits() {
        for view in NAMES {
            show_in(view, &*whole, commit).await;
        }
    }
    // The same keys: the token counts in both worlds.
    whole.put(&it.keys().await, None).await.unwrap();
    let whole = Questions::over(&it.world, whole.clone(), whole);
    let token = it.token.as_deref().unwrap();
    for id in &ids {
        for list in LISTS {
            let expected = walk(&whole, token, list, id, 100).await;
            for limit in 1..=expected.len() + 1 {
                let seen = walk(&halfway, token, list, id, limit).await;
                assert_eq!(seen, expected, "{} in pages of {limit}", list.1);
            }
        }
        let ask = async |of: &Questions| {
            of.ask_after(&alice(), token, SINGLE, json!({ "id": id })).await["data"].take()
        };
        assert_eq!(ask(&halfway).await, ask(&whole).await);
    }
}

#[tokio::test]
async fn with_the_token_every_list_is_that_of_a_world_that_lags_nowhere() {
    let seeds = std::env::var("SKAFU_SEEDS").ok().and_then(|it| it.parse().ok()).unwrap_or(SEEDS);
    for seed in 0..seeds {
        eprintln!("seed {seed}");
        one(seed).await;
    }
}
