use std::collections::BTreeSet;
use std::sync::Mutex;

use async_trait::async_trait;
use serde_json::json;
use skafu_events::AggregateKind;
use skafu_functions::relay::{BusEntry, EventPublisher, PublishError};
use skafu_store::faults::Random;
use uuid::Uuid;

use super::queue::{SimQueue, Troubles};

/// A queue that a rule of the bus feeds.
#[derive(Clone)]
pub struct Target {
    pub kinds: &'static [AggregateKind],
    pub queue: SimQueue,
    /// Only `ProjectCreated`: the saga's rule.
    pub created: bool,
}

/// A bus that refuses, falls silent, and whose deliveries are lost, doubled or late.
pub struct SimBus {
    pub targets: Vec<Target>,
    pub published: Mutex<BTreeSet<Uuid>>,
    pub troubles: Mutex<Troubles>,
    random: Mutex<Random>,
}

impl SimBus {
    pub fn new(seed: u64, targets: Vec<Target>, troubles: Troubles) -> Self {
        let random = Mutex::new(Random::new(seed ^ 0xb05));
        Self { targets, published: Mutex::default(), troubles: Mutex::new(troubles), random }
    }

    fn deliver(&self, entry: &BusEntry) {
        self.published.lock().unwrap().insert(entry.detail.event_id);
        let body =
            json!({ "source": entry.source, "detail-type": entry.detail_type, "detail": entry.detail });
        let (body, kind) = (body.to_string(), entry.detail.stream().unwrap().kind());
        let (troubles, mut random) = (*self.troubles.lock().unwrap(), self.random.lock().unwrap());
        for target in self.targets.iter().filter(|target| target.kinds.contains(&kind)) {
            if target.created && entry.detail_type != "ProjectCreated" {
                continue;
            }
            let times = if random.chance(troubles.twice) { 2 } else { 1 };
            for _ in 0..times {
                if random.chance(troubles.lost) {
                    continue;
                }
                let late = if random.chance(troubles.late) { random.below(200) } else { random.below(5) };
                target.queue.push(body.clone(), u32::try_from(late).unwrap());
            }
        }
    }
}

#[async_trait]
impl EventPublisher for SimBus {
    async fn publish(&self, entries: &[BusEntry]) -> Result<Vec<bool>, PublishError> {
        tokio::task::yield_now().await;
        let troubles = *self.troubles.lock().unwrap();
        let (silent, nothing) = {
            let mut random = self.random.lock().unwrap();
            (random.chance(troubles.silent), random.chance(50))
        };
        if silent && nothing {
            return Err(PublishError::Unavailable("injected".into()));
        }
        let mut taken = Vec::new();
        for entry in entries {
            let refused = self.random.lock().unwrap().chance(troubles.refused);
            if !refused {
                self.deliver(entry);
            }
            taken.push(!refused);
        }
        tokio::task::yield_now().await;
        if silent { Err(PublishError::Unavailable("injected".into())) } else { Ok(taken) }
    }
}
