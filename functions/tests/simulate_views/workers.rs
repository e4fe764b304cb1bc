use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lambda_events::sqs::SqsBatchResponse;
use serde_json::Value;
use skafu_events::Envelope;
use skafu_functions::projections::Projections;
use skafu_functions::relay::{Redrive, Relay};
use skafu_functions::saga::SagaStart;
use skafu_functions::sweep::Sweep;
use skafu_store::faults::{FaultyViews, Random};
use skafu_store::generations::{Generations, Registry};
use skafu_store::{Consistency, Row, ViewStore};
use skafu_views::{FIRST_GENERATION, Keys, ROW};

use super::flights::Flights;
use super::landing::Landing;
use super::mortal::mortal;
use super::queue::{Message, SimQueue, TICK, Troubles, sqs_event};
use super::rebuilder::TIMEOUT;
use super::tap::Log;
use crate::support::{inserted, stream_event};

/// When an invocation is killed, if it is.
pub struct Fate {
    random: Mutex<Random>,
    troubles: Mutex<Troubles>,
    spared: AtomicBool,
    /// All invocations there are.
    pub invocations: Flights,
}

impl Fate {
    pub fn new(seed: u64, troubles: Troubles) -> Self {
        let (random, troubles) = (Mutex::new(Random::new(seed ^ 0xfa7e)), Mutex::new(troubles));
        Self { random, troubles, spared: AtomicBool::new(false), invocations: Flights::default() }
    }

    /// Nobody is killed any more, however long it takes.
    pub fn spare(&self) {
        *self.troubles.lock().unwrap() = Troubles::default();
        self.spared.store(true, Ordering::SeqCst);
    }

    fn time(&self) -> Duration {
        if self.spared.load(Ordering::SeqCst) { Duration::MAX } else { TIMEOUT }
    }

    fn polls(&self) -> Option<usize> {
        let mut random = self.random.lock().unwrap();
        let killed = self.troubles.lock().unwrap().killed;
        random.chance(killed).then(|| random.below(30))
    }

    fn below(&self, bound: usize) -> usize {
        self.random.lock().unwrap().below(bound)
    }
}

/// Reads the table's stream from where it stands, for ever.
pub async fn relay(log: Log, relay: Arc<Relay>, fate: Arc<Fate>, position: Arc<Mutex<usize>>) {
    loop {
        let at = *position.lock().unwrap();
        let commits = log.from(at, 1 + fate.below(6));
        if commits.is_empty() {
            tokio::time::sleep(TICK * 2).await;
            continue;
        }
        let _running = fate.invocations.begin();
        let number = |offset: usize| (at + offset).to_string();
        let records: Vec<Value> =
            commits.iter().enumerate().map(|(offset, commit)| inserted(commit, &number(offset))).collect();
        let answer = mortal(relay.handle(stream_event(records)), fate.polls()).await;
        match answer {
            Some(answer) => {
                let failed = answer.batch_item_failures.first().and_then(|it| it.item_identifier.as_deref());
                let next = failed.map_or(at + commits.len(), |number| number.parse().unwrap());
                *position.lock().unwrap() = next;
            }
            None => tokio::time::sleep(TICK * 3).await,
        }
    }
}

/// Whatever is fed by a queue. Returns which messages failed.
#[async_trait::async_trait]
pub trait Consumer: Send + Sync {
    async fn consume(&self, batch: &[Message]) -> Vec<String>;
}

/// Serves a queue for ever.
pub async fn serve(queue: SimQueue, consumer: Arc<dyn Consumer>, fate: Arc<Fate>) {
    loop {
        let batch = queue.receive();
        if batch.is_empty() {
            tokio::time::sleep(TICK * 3).await;
            continue;
        }
        let _running = fate.invocations.begin();
        if let Some(failed) = mortal(consumer.consume(&batch), fate.polls()).await {
            let done = |id: usize| {
                batch.iter().any(|it| it.id == id) && !failed.iter().any(|it| *it == id.to_string())
            };
            queue.delete(done);
        }
    }
}

/// A view's projector. What it acknowledges must be shown by then, or parked.
pub struct Projecting<S> {
    /// The code before the deployment.
    pub old: Projections,
    pub projections: Projections,
    pub deployed: Arc<AtomicBool>,
    pub view: &'static str,
    pub rows: Arc<FaultyViews<Landing<S>>>,
    pub fate: Arc<Fate>,
    pub unkept: Arc<Mutex<Vec<String>>>,
}

impl<S: ViewStore + 'static> Projecting<S> {
    /// Which generation is shown, whatever is wrong with the table just now.
    async fn active(&self) -> u32 {
        let row = self.rows.inner().get(&Registry::key(self.view), Consistency::Strong).await.unwrap();
        let generations = |row: Row| serde_json::from_value::<Generations>(row.content.unwrap()).unwrap();
        row.map_or(FIRST_GENERATION, |row| generations(row).active().number)
    }
}

#[async_trait::async_trait]
impl<S: ViewStore + 'static> Consumer for Projecting<S> {
    async fn consume(&self, batch: &[Message]) -> Vec<String> {
        let before = self.active().await;
        let code = if self.deployed.load(Ordering::SeqCst) { &self.projections } else { &self.old };
        // What takes too long is killed, and its messages come again.
        let Ok(answer) = tokio::time::timeout(self.fate.time(), code.handle(sqs_event(batch))).await else {
            return batch.iter().map(|it| it.id.to_string()).collect();
        };
        let failed = failures(answer);
        let active = self.active().await;
        if active != before {
            return failed;
        }
        for message in batch.iter().filter(|it| !failed.contains(&it.id.to_string())) {
            let body: Value = serde_json::from_str(&message.body).unwrap();
            let event: Envelope = serde_json::from_value(body["detail"].clone()).unwrap();
            let stream = event.stream().unwrap();
            let keys = Keys::new(stream.tenant(), self.view, active);
            let key = skafu_store::RowKey { partition: keys.aggregate(&stream), sort: ROW.to_owned() };
            let row = self.rows.inner().get(&key, Consistency::Strong).await.unwrap();
            let kept =
                row.as_ref().is_some_and(|row| row.version >= event.commit_end() || row.parked.is_some());
            if !kept {
                let (view, version) = (self.view, event.aggregate_version);
                self.unkept.lock().unwrap().push(format!("{view}: {stream} {version} is not shown"));
            }
        }
        failed
    }
}

/// The redrive of what the bus refused.
#[async_trait::async_trait]
impl Consumer for Redrive {
    async fn consume(&self, batch: &[Message]) -> Vec<String> {
        failures(self.handle(sqs_event(batch)).await)
    }
}

#[async_trait::async_trait]
impl Consumer for Sweep {
    async fn consume(&self, batch: &[Message]) -> Vec<String> {
        failures(self.handle(sqs_event(batch)).await)
    }
}

#[async_trait::async_trait]
impl Consumer for SagaStart {
    async fn consume(&self, batch: &[Message]) -> Vec<String> {
        failures(self.handle(sqs_event(batch)).await)
    }
}

fn failures(answer: SqsBatchResponse) -> Vec<String> {
    answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}
