use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use skafu_events::{AggregateKind, StreamId, Tenant};
use skafu_store::faults::Random;
use skafu_store::{Consistency, Draft, EventStore, NewEvent};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::queue::TICK;

/// One commit to come.
type Events = Vec<(&'static str, Value)>;

/// Somebody who writes to one aggregate, commit after commit.
struct Writer {
    stream: StreamId,
    commits: Vec<Events>,
    correlation: Uuid,
    random: Random,
    /// Whether its commits all belong to one request.
    one_request: bool,
}

fn project(random: &mut Random) -> Vec<Events> {
    let owner = ["ada", "bob"][random.below(2)];
    let created =
        json!({ "name": format!("P{}", random.below(100)), "ownerId": owner, "templateId": "tiny" });
    let selected = json!({
        "templateId": "tiny", "templateTenant": "_shared", "templateRevision": "r1", "parameters": {}
    });
    let link = json!({
        "repositoryId": "r", "name": "shop", "location": "p/shop.git", "defaultBranch": "main",
        "initialCommitId": "c0ffee"
    });
    let started = || json!({ "attempt": 1 });
    let mut commits: Vec<Events> = vec![vec![("ProjectCreated", created)]];
    if random.chance(20) {
        return commits;
    }
    commits.push(vec![("ProjectCreationStarted", started()), ("TemplateSelected", selected)]);
    if random.chance(30) {
        let failed = json!({
            "attempt": 1, "failedStep": "RenderTemplate", "error": { "code": "RENDER", "message": "no" }
        });
        commits.push(vec![("ProjectCreationFailed", failed)]);
        commits.push(vec![("ProjectCreationCompensated", json!({ "attempt": 1, "compensations": [] }))]);
    } else {
        commits.push(vec![("TemplateRendered", json!({ "bundleSha256": "00", "fileCount": 1 }))]);
        commits.push(vec![("ProjectConfigured", json!({ "repository": link }))]);
    }
    commits
}

fn changes(random: &mut Random) -> Vec<Events> {
    let update = |random: &mut Random| {
        let name = format!("P{}", random.below(100));
        vec![("ProjectUpdated", json!({ "changes": { "name": name }, "previousValues": {} }))]
    };
    let mut commits: Vec<Events> = Vec::new();
    for _ in 0..random.below(4) {
        commits.push(match random.below(4) {
            0 => vec![("ProjectArchived", json!({}))],
            1 => vec![("ProjectArchived", json!({})), ("ProjectRestored", json!({}))],
            _ => update(random),
        });
    }
    if random.chance(30) {
        commits.push(vec![("ProjectDeleted", json!({ "reason": "over" }))]);
    }
    commits
}

fn writers(seed: u64, tenant: &Tenant) -> Vec<Writer> {
    let mut random = Random::new(seed);
    let mut writers = Vec::new();
    let mut add = |kind, id: &str, commits, correlation: u128, one_request, random: &mut Random| {
        let stream = StreamId::new(tenant.clone(), kind, id).unwrap();
        let correlation = Uuid::from_u128((u128::from(seed) << 64) | correlation);
        let random = Random::new(random.any());
        writers.push(Writer { stream, commits, correlation, random, one_request });
    };
    let template = vec![
        vec![("TemplateCreated", json!({ "name": "Tiny", "type": "project", "ownerId": "ada" }))],
        vec![("TemplatePublished", json!({ "revision": "r1", "parameters": [], "fileCount": 1 }))],
    ];
    add(AggregateKind::Template, "tiny", template, 1, true, &mut random);
    for at in 0..2 + random.below(3) {
        let (id, correlation) = (format!("p{at}"), 2 + at as u128);
        let commits = project(&mut random);
        if commits.len() > 3 && commits[3][0].0 == "ProjectConfigured" {
            let created = json!({
                "projectId": id, "repositoryId": id, "name": "shop", "location": "p/shop.git",
                "defaultBranch": "main", "initialCommitId": "c0ffee", "fileCount": 1
            });
            let repository = vec![vec![("RepositoryCreated", created)]];
            add(AggregateKind::Repository, &id, repository, correlation, true, &mut random);
        }
        if commits.len() > 1 {
            let later = changes(&mut random);
            add(AggregateKind::Project, &id, later, 100 + at as u128, false, &mut random);
        }
        add(AggregateKind::Project, &id, commits, correlation, true, &mut random);
    }
    writers
}

impl Writer {
    /// Writes on whatever is there by then, as a command does.
    async fn write(mut self, store: Arc<dyn EventStore>, longest_pause: usize) {
        for (at, events) in self.commits.clone().into_iter().enumerate() {
            let pause = self.random.below(longest_pause);
            tokio::time::sleep(TICK * u32::try_from(pause).unwrap()).await;
            let command_id = Uuid::from_u128(self.correlation.as_u128() ^ ((at as u128 + 1) << 32));
            let correlation_id =
                if self.one_request { self.correlation } else { Uuid::from_u128(command_id.as_u128() ^ 1) };
            let mut patience = 200;
            loop {
                let Ok(history) = store.load(&self.stream, Consistency::Strong).await else { continue };
                let commits = history.commits();
                let over =
                    |it: &skafu_events::Commit| it.events.iter().any(|it| it.event_type == "ProjectDeleted");
                if commits.iter().any(|commit| commit.command_id == command_id) {
                    break;
                }
                if commits.iter().any(over) {
                    return;
                }
                // Nothing can be changed of what does not exist yet.
                if commits.is_empty() && !self.one_request {
                    patience -= 1;
                    if patience == 0 {
                        return;
                    }
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    continue;
                }
                let draft = self.draft(at, events.clone(), command_id, correlation_id);
                if store.append(&history, draft, &[]).await.is_ok() {
                    break;
                }
            }
        }
    }

    fn draft(&self, at: usize, events: Events, command_id: Uuid, correlation_id: Uuid) -> Draft {
        let start: DateTime<Utc> = "2025-01-18T10:30:00.123Z".parse().unwrap();
        let hours = TimeDelta::hours(7 * i64::try_from(at).unwrap());
        let event =
            |(name, data): (&str, Value)| NewEvent { event_type: name.to_owned(), event_version: 1, data };
        Draft {
            events: events.into_iter().map(event).collect(),
            command_id,
            body_hash: "hash".to_owned(),
            correlation_id,
            user_id: "ada".to_owned(),
            timestamp: (start + hours).into(),
            metadata: Map::new(),
        }
    }
}

/// Everybody writes what they are up to, all at once, with pauses of so many ticks between commits.
pub async fn write_all(seed: u64, tenant: &Tenant, store: &Arc<dyn EventStore>, longest_pause: usize) {
    let mut tasks = JoinSet::new();
    for writer in writers(seed, tenant) {
        tasks.spawn(writer.write(Arc::clone(store), longest_pause));
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}
