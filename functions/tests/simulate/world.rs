use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use skafu_domain::{Principal, Role};
use skafu_events::{AggregateKind, Commit, StreamId, Tenant, Timestamp};
use skafu_forge::blobs::MemoryBlobs;
use skafu_functions::Clock;
use skafu_functions::commands::Commands;
use skafu_functions::rendering::Renderers;
use skafu_store::faults::{Faults, FaultyStore, Random};
use skafu_store::{Consistency, Draft, EventStore, NameClaim, NewEvent};
use uuid::Uuid;

/// The names projects are given: few, so that they collide.
pub const NAMES: [&str; 6] = ["Shop", "Blog", "Wiki", "News", "Mail", "Chat"];
/// Who did what is done when it begins.
pub const BEFORE: &str = "before";
/// How many projects are ready when it begins.
pub const READY: usize = 3;

/// No clock: only the order of commits counts.
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        "2025-01-18T10:30:00.123Z".parse::<DateTime<Utc>>().unwrap().into()
    }
}

/// A tenant of its own in a store that suffers, and the function that acts on it.
pub struct Arena<S> {
    pub seed: u64,
    pub tenant: Tenant,
    pub store: Arc<FaultyStore<S>>,
    pub commands: Commands,
    time: AtomicU64,
}

fn draft(seed: u64, at: u128, events: Vec<(&str, Value)>) -> Draft {
    let event =
        |(name, data): (&str, Value)| NewEvent { event_type: name.to_owned(), event_version: 1, data };
    Draft {
        events: events.into_iter().map(event).collect(),
        command_id: Uuid::from_u128((u128::from(seed) << 64) | (1 << 32) | at),
        body_hash: "before".to_owned(),
        correlation_id: Uuid::from_u128(at),
        user_id: BEFORE.to_owned(),
        timestamp: Stopped.now(),
        metadata: Map::new(),
    }
}

impl<S: EventStore + 'static> Arena<S> {
    /// A published template and some projects that are ready, shortly before their first snapshot.
    pub async fn new(seed: u64, inner: S) -> Self {
        let tenant = Tenant::new(format!("t{seed}")).unwrap();
        let store = Arc::new(FaultyStore::new(inner));
        let commands = Commands::new(
            store.clone(),
            Arc::new(MemoryBlobs::default()),
            Arc::new(Stopped),
            Renderers::trusting(),
        );
        let arena = Self { seed, tenant, store, commands, time: AtomicU64::new(0) };
        arena.begin().await;
        arena
    }

    async fn begin(&self) {
        let mut random = Random::new(self.seed ^ 0xbe61);
        let created = json!({ "name": "Tiny", "type": "project", "ownerId": "system:operator" });
        let published = json!({ "revision": "r1", "parameters": [], "fileCount": 1 });
        let template = vec![("TemplateCreated", created), ("TemplatePublished", published)];
        self.write(&self.stream(AggregateKind::Template, "tiny"), vec![template], &[]).await;
        for (at, name) in NAMES.iter().enumerate().take(READY) {
            let stream = self.project(at);
            let created = json!({
                "name": name, "ownerId": "c0", "templateId": "tiny", "templateParameters": {},
                "configuration": { "features": [], "environment": {} }
            });
            let repository = json!({
                "repositoryId": stream.id(), "name": "shop", "location": "p/shop.git",
                "defaultBranch": "main", "initialCommitId": "c0ffee"
            });
            let configured = json!({ "repository": repository });
            let update =
                |n: usize| json!({ "changes": { "description": n.to_string() }, "previousValues": {} });
            let updates = (0..6 + random.below(12)).map(|n| ("ProjectUpdated", update(n))).collect();
            let ready = vec![
                ("ProjectCreated", created),
                ("ProjectCreationStarted", json!({ "attempt": 1 })),
                ("ProjectConfigured", configured),
            ];
            let name = NameClaim::Take(name.to_ascii_lowercase());
            self.write(&stream, vec![ready, updates], &[name]).await;
        }
    }

    async fn write(&self, stream: &StreamId, commits: Vec<Vec<(&str, Value)>>, names: &[NameClaim]) {
        let (inner, mut names) = (self.store.inner(), names.to_vec());
        for (at, events) in commits.into_iter().enumerate() {
            let history = inner.load(stream, Consistency::Strong).await.unwrap();
            inner.append(&history, draft(self.seed, at as u128, events), &names).await.unwrap();
            names.clear();
        }
    }

    /// Lets everything go wrong that a seed has in store.
    pub fn suffer(&self, no_snapshots: bool) {
        let mut random = Random::new(self.seed ^ 0xfa17);
        self.store.seed(self.seed);
        self.store.suffer(Faults {
            lag: random.below(6),
            lag_varies: true,
            losing: random.below(40),
            failing: random.below(25),
            snapshots_lost: random.below(60),
            snapshots_gone: random.below(20),
            no_snapshots,
            ..Faults::default()
        });
    }

    fn stream(&self, kind: AggregateKind, id: &str) -> StreamId {
        StreamId::new(self.tenant.clone(), kind, id).unwrap()
    }

    /// One of the projects that are ready when it begins.
    pub fn project(&self, at: usize) -> StreamId {
        self.stream(AggregateKind::Project, &format!("p{at}"))
    }

    /// The project of that id.
    pub fn project_of(&self, id: &str) -> StreamId {
        self.stream(AggregateKind::Project, id)
    }

    /// An administrator, of whom each client is one.
    pub fn caller(&self, client: usize) -> Principal {
        Principal::person(self.tenant.clone(), format!("c{client}"), [Role::Admin]).unwrap()
    }

    /// Now: every look at the clock is later than the one before.
    pub fn now(&self) -> u64 {
        self.time.fetch_add(1, Ordering::SeqCst)
    }

    /// What became of the projects, by their ids.
    pub async fn projects(&self, ids: impl IntoIterator<Item = String>) -> BTreeMap<String, Vec<Commit>> {
        let mut projects = BTreeMap::new();
        let ready = (0..READY).map(|at| self.project(at).id().to_owned());
        for id in ready.chain(ids) {
            let history = self.store.inner().load(&self.project_of(&id), Consistency::Strong).await.unwrap();
            projects.insert(id, history.commits().to_vec());
        }
        projects
    }
}
