use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use skafu_events::{AggregateKind, Commit, StreamId, Tenant};
use skafu_functions::Clock;
use skafu_functions::projections::{Feed, Projections};
use skafu_functions::relay::{Redrive, Relay, RelayQueues};
use skafu_functions::saga::{MemoryWorkflows, SagaStart};
use skafu_functions::sweep::Sweep;
use skafu_store::faults::{Faults, FaultyStore, FaultyViews, Random, ViewFaults};
use skafu_store::{EventStore, Index, Order, ViewStore};
use skafu_views::{
    ActivityView, AnalyticsView, OperationView, ProjectView, TemplateView, UserView, View, parked,
};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::bus::{SimBus, Target};
use super::checks::{Table, differences, fresh, table};
use super::fragile::{Fragile, poison};
use super::landing::Landing;
use super::queue::{SimQueue, TICK, Troubles};
use super::rebuilder::{Rebuilder, SimClock};
use super::slow::{Slow, generation};
use super::tap::{Log, Tap};
use super::workers::{Consumer, Fate, Projecting, relay, serve};
use super::writers::write_all;

/// How long the queue of the sweep's notes holds them back, in ticks.
const SWEEP_DELAY: u32 = 300;
/// Of a hundred seeds: views are rebuilt while everything goes on.
const REBUILT: usize = 40;
/// After so many invocations everything must have come to rest,
const MOST_INVOCATIONS: u64 = 50_000;
/// and so often it may seem to stand still until then: twenty ticks each time.
const PATIENCE: u32 = 3_000;

/// The stores a seed runs on.
pub struct Setting<E, V> {
    pub events: E,
    pub rows: V,
}

/// What did not hold; nothing, if all is well.
pub type Verdict = Vec<String>;

/// One view: what the code before and after the deployment feeds, and its queue.
struct SimView {
    old: Arc<Feed>,
    feed: Arc<Feed>,
    queue: SimQueue,
}

struct World<E, V> {
    tenant: Tenant,
    events: Arc<FaultyStore<Tap<E>>>,
    rows: Arc<FaultyViews<Landing<V>>>,
    log: Log,
    bus: Arc<SimBus>,
    fate: Arc<Fate>,
    workflows: Arc<MemoryWorkflows>,
    views: Vec<SimView>,
    clock: Arc<SimClock>,
    /// Whether the views' code was replaced by code with another fold.
    deployed: Arc<AtomicBool>,
    rebuilt: bool,
    saga: SimQueue,
    sweep: SimQueue,
    unpublished: SimQueue,
    position: Arc<Mutex<usize>>,
    unkept: Arc<Mutex<Vec<String>>>,
}

fn troubles(random: &mut Random) -> Troubles {
    Troubles {
        lost: random.below(25),
        twice: random.below(40),
        late: random.below(40),
        refused: random.below(20),
        silent: random.below(15),
        killed: random.below(25),
    }
}

impl<E: EventStore + 'static, V: ViewStore + 'static> World<E, V> {
    fn new(seed: u64, setting: Setting<E, V>) -> Self {
        let mut random = Random::new(seed ^ 0xd00d);
        let log = Log::default();
        let events = Arc::new(FaultyStore::new(Tap { inner: setting.events, log: log.clone() }));
        events.seed(seed);
        events.suffer(Faults { losing: random.below(20), failing: random.below(15), ..Faults::default() });
        let rows = Arc::new(FaultyViews::new(Landing::new(setting.rows)));
        rows.seed(seed ^ 0x7_0e5);
        rows.suffer(ViewFaults {
            failing: random.below(15),
            losing: random.below(15),
            stale: random.below(60),
            lag: 3,
            crash_in: None,
        });
        let troubles = troubles(&mut random);
        let queue = |at: u64, delay| SimQueue::new(seed ^ (at << 32), delay);
        let rebuilt = random.chance(REBUILT);
        // What comes by its own message has no need of the scan.
        let lost = if rebuilt { troubles.lost * 5 / 2 } else { troubles.lost };
        let troubles = Troubles { lost, ..troubles };
        let unkept: Arc<Mutex<Vec<String>>> = Arc::default();
        let slow = |old_code| {
            let random = Mutex::new(Random::new(seed ^ if old_code { 0x51 } else { 0x52 }));
            let percent = if !rebuilt {
                0
            } else if old_code {
                60
            } else {
                20
            };
            Slow { inner: rows.clone(), random, percent, old_code, trespasses: unkept.clone() }
        };
        let port: Arc<dyn EventStore> = events.clone();
        let (old, new): (Arc<dyn ViewStore>, Arc<dyn ViewStore>) =
            (Arc::new(slow(true)), Arc::new(slow(false)));
        let old = feeds(&port, &old).into_iter().map(|feed| Arc::new(feed.with_fold("old")));
        let new = feeds(&port, &new).into_iter().map(Arc::new);
        let views: Vec<_> = old
            .zip(new)
            .zip(1..)
            .map(|((old, feed), at)| SimView { old, feed, queue: queue(at, 0) })
            .collect();
        let saga = queue(100, 0);
        let mut targets: Vec<Target> = views
            .iter()
            .map(|it| Target { kinds: it.feed.kinds(), queue: it.queue.clone(), created: false })
            .collect();
        targets.push(Target { kinds: &[AggregateKind::Project], queue: saga.clone(), created: true });
        let (sweep, unpublished) = (queue(101, SWEEP_DELAY), queue(102, 0));
        sweep.failing(random.below(10));
        unpublished.failing(random.below(10));
        Self {
            tenant: Tenant::new(format!("t{seed}")).unwrap(),
            bus: Arc::new(SimBus::new(seed, targets, troubles)),
            fate: Arc::new(Fate::new(seed, troubles)),
            workflows: Arc::default(),
            position: Arc::default(),
            clock: Arc::default(),
            deployed: Arc::new(AtomicBool::new(!rebuilt)),
            rebuilt,
            unkept,
            events,
            rows,
            log,
            views,
            saga,
            sweep,
            unpublished,
        }
    }

    /// Starts everything that serves a queue or a stream: two of most, as Lambda does.
    fn start(&self, tasks: &mut JoinSet<()>) {
        let (events, fate): (Arc<dyn EventStore>, _) = (self.events.clone(), &self.fate);
        let queues = RelayQueues {
            unpublished: Arc::new(self.unpublished.clone()),
            sweep: Arc::new(self.sweep.clone()),
        };
        let relayed = Arc::new(Relay::new(self.bus.clone(), queues));
        tasks.spawn_local(relay(self.log.clone(), relayed, fate.clone(), self.position.clone()));
        let mut serve_twice = |queue: &SimQueue, consumer: Arc<dyn Consumer>| {
            for _ in 0..2 {
                tasks.spawn_local(serve(queue.clone(), consumer.clone(), fate.clone()));
            }
        };
        for view in &self.views {
            let code = |feed: &Arc<Feed>| Projections::new(feed.clone()).with_clock(self.clock.clone());
            let consumer = Projecting {
                old: code(&view.old),
                projections: code(&view.feed),
                deployed: self.deployed.clone(),
                view: view.feed.view(),
                rows: self.rows.clone(),
                fate: fate.clone(),
                unkept: self.unkept.clone(),
            };
            serve_twice(&view.queue, Arc::new(consumer));
        }
        serve_twice(&self.saga, Arc::new(SagaStart::new(self.workflows.clone())));
        serve_twice(&self.unpublished, Arc::new(Redrive::new(events.clone(), self.bus.clone())));
        let feeds = self.views.iter().map(|it| it.feed.clone()).collect();
        let sweep = Sweep::new(events, feeds, self.workflows.clone()).with_clock(self.clock.clone());
        serve_twice(&self.sweep, Arc::new(sweep));
    }

    fn queues(&self) -> impl Iterator<Item = &SimQueue> {
        let views = self.views.iter().map(|it| &it.queue);
        views.chain([&self.saga, &self.sweep, &self.unpublished])
    }

    /// Until nothing is on its way any more.
    async fn rest(&self) -> Result<(), String> {
        let invocations = &self.fate.invocations;
        let (most, mut begun, mut still) = (invocations.begun() + MOST_INVOCATIONS, 0, 0);
        while begun < most && still < PATIENCE {
            let read = *self.position.lock().unwrap() == self.log.len();
            if read && self.queues().all(SimQueue::is_empty) {
                return Ok(());
            }
            tokio::time::sleep(TICK * 20).await;
            still = if invocations.begun() == begun { still + 1 } else { 0 };
            begun = invocations.begun();
        }
        Err("it does not come to rest".to_owned())
    }

    /// Nothing goes wrong any more.
    fn spare(&self) {
        self.events.suffer(Faults::default());
        self.rows.suffer(ViewFaults::default());
        *self.bus.troubles.lock().unwrap() = Troubles::default();
        self.fate.spare();
        self.sweep.failing(0);
        self.unpublished.failing(0);
    }

    /// What an operator does once the mistake in the code is mended.
    async fn release(&self) -> Verdict {
        let mut failed = Vec::new();
        for view in &self.views {
            for fed in view.feed.fed(self.clock.now()).await.unwrap() {
                let list = parked(view.feed.view(), fed.projector.generation());
                let rows = self.rows.inner();
                let page = rows.query(Index::Parked, &list, Order::Ascending, 1_000, None).await.unwrap();
                for row in page.rows {
                    let stream: StreamId = row.parked.unwrap()["stream"].as_str().unwrap().parse().unwrap();
                    if stream.tenant() == &self.tenant
                        && let Err(error) = fed.projector.release(&stream).await
                    {
                        failed.push(format!("{}: {stream} is not released: {error}", view.feed.view()));
                    }
                }
            }
        }
        failed
    }

    /// Deploys code with another fold at some moment, and lets somebody rebuild a view or two.
    fn rebuild(&self, random: &mut Random) -> JoinSet<()> {
        let mut rebuilds = JoinSet::new();
        if !self.rebuilt {
            return rebuilds;
        }
        let deployed_at = TICK * u32::try_from(random.below(150)).unwrap();
        for at in 0..1 + random.below(2) {
            let view = &self.views[(random.below(3) + 3 * at) % self.views.len()];
            let rebuilder = Rebuilder {
                feed: view.feed.clone(),
                events: self.events.clone(),
                rows: self.rows.clone(),
                table: self.rows.clone(),
                invocations: self.fate.invocations.clone(),
                tenant: self.tenant.clone(),
                clock: self.clock.clone(),
                random: Mutex::new(Random::new(random.any())),
                wrong: self.unkept.clone(),
            };
            let deployed = self.deployed.clone();
            rebuilds.spawn_local(async move {
                tokio::time::sleep(deployed_at).await;
                deployed.store(true, Ordering::SeqCst);
                rebuilder.run().await;
            });
        }
        rebuilds
    }

    /// Everything that must hold in the end.
    async fn check(&self) -> Verdict {
        let mut wrong = self.unkept.lock().unwrap().clone();
        let commits = self.log.all();
        let mut expected = Table::new();
        let mut found = table(self.rows.inner(), self.tenant.as_str()).await;
        for view in &self.views {
            let name = view.feed.view();
            let fed = view.feed.fed(self.clock.now()).await.unwrap();
            let fed: Vec<u32> = fed.iter().map(|it| it.projector.generation()).collect();
            fed.iter().for_each(|generation| fresh_view(name, &mut expected, &commits, *generation));
            // What is fed no more shows whatever it showed last.
            found.retain(|key, _| {
                !key.partition.contains(&format!("/{name}.")) || fed.contains(&generation(key))
            });
        }
        wrong.extend(differences(&expected, &found));
        let published = self.bus.published.lock().unwrap().clone();
        let happened: BTreeSet<Uuid> =
            commits.iter().flat_map(Commit::envelopes).map(|event| event.event_id).collect();
        if published != happened {
            wrong.push(format!("{} events were never published", happened.difference(&published).count()));
        }
        let started = self.workflows.started();
        for stream in created(&commits) {
            if !started.contains_key(&format!("prj-{}-1", stream.id())) {
                wrong.push(format!("no saga was started for {stream}"));
            }
        }
        wrong
    }
}

/// The projects that nobody has begun to make.
fn created(commits: &[Commit]) -> impl Iterator<Item = &StreamId> {
    let begun = |stream: &StreamId| commits.iter().any(|it| it.stream == *stream && it.first_version > 1);
    let projects =
        commits.iter().filter(|it| it.stream.kind() == AggregateKind::Project && it.first_version == 1);
    projects.map(|it| &it.stream).filter(move |stream| !begun(stream))
}

fn fresh_view(name: &str, table: &mut Table, commits: &[Commit], generation: u32) {
    let fresh = match name {
        ProjectView::NAME => fresh::<ProjectView>,
        UserView::NAME => fresh::<UserView>,
        AnalyticsView::NAME => fresh::<AnalyticsView>,
        TemplateView::NAME => fresh::<TemplateView>,
        ActivityView::NAME => fresh::<ActivityView>,
        OperationView::NAME => fresh::<OperationView>,
        other => panic!("{other} is no view"),
    };
    fresh(table, commits, generation);
}

fn feeds(events: &Arc<dyn EventStore>, rows: &Arc<dyn ViewStore>) -> Vec<Feed> {
    fn of<V: View>(events: &Arc<dyn EventStore>, rows: &Arc<dyn ViewStore>) -> Feed {
        Feed::new::<Fragile<V>>(events.clone(), rows.clone())
    }
    vec![
        of::<ProjectView>(events, rows),
        of::<UserView>(events, rows),
        of::<AnalyticsView>(events, rows),
        of::<TemplateView>(events, rows),
        of::<ActivityView>(events, rows),
        of::<OperationView>(events, rows),
    ]
}

/// One seed, from beginning to end: what did not hold.
pub async fn run<E: EventStore + 'static, V: ViewStore + 'static>(
    seed: u64,
    setting: Setting<E, V>,
) -> Verdict {
    let world = World::new(seed, setting);
    let store: Arc<dyn EventStore> = world.events.clone();
    let mut random = Random::new(seed ^ 0xbad);
    // A third of all seeds have a mistake in the views' code, which is mended in the end.
    let mistake = random.chance(33).then(|| ("PROJECT#p0".to_owned(), 2 + random.below(4) as u64));
    poison(mistake);
    let mut tasks = JoinSet::new();
    world.start(&mut tasks);
    let mut rebuilds = world.rebuild(&mut random);
    // A view is moved to its new rows while people write, not when they are done.
    let longest_pause = if world.rebuilt { 90 } else { 30 };
    write_all(seed, &world.tenant, &store, longest_pause).await;
    tokio::time::sleep(TICK * u32::try_from(random.below(400)).unwrap()).await;
    world.spare();
    let mut wrong: Verdict = world.rest().await.err().into_iter().collect();
    poison(None);
    wrong.extend(world.release().await);
    for queue in world.queues() {
        queue.redrive();
    }
    while let Some(rebuilt) = rebuilds.join_next().await {
        wrong.extend(rebuilt.err().map(|error| format!("a rebuild did not end: {error}")));
    }
    wrong.extend(world.rest().await.err());
    tasks.abort_all();
    wrong.extend(world.check().await);
    wrong.truncate(5);
    wrong
}
