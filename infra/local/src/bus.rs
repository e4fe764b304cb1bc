//! The event bus: events go to the queues of all rules they match, as EventBridge does it.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    cloud_db::Clock,
    pattern::Pattern,
    queue::{Outgoing, QueueError, Queues},
};

/// Sends events that match a pattern to queues.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Name of the bus it listens to.
    pub bus: String,
    /// For logs and errors.
    pub name: String,
    /// Which events, in their full EventBridge form.
    pub pattern: Pattern,
    /// Names of the queues.
    pub targets: Vec<String>,
}

/// An event to publish.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Name of the bus.
    pub bus: String,
    /// Who reports it, such as `skafu.project`.
    pub source: String,
    /// What kind of event it is.
    pub detail_type: String,
    /// The event itself; any JSON object.
    pub detail: Value,
    /// When it happened; now, if `None`.
    pub time: Option<DateTime<Utc>>,
}

/// Why events could not be published.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// A rule names a queue nobody declared.
    #[error("rule `{rule}` has a target `{target}` which is no queue")]
    UnknownTarget {
        /// The rule's name.
        rule: String,
        /// The target as written.
        target: String,
    },
    /// The events could not be stored; none was published.
    #[error("the events could not be handed to their queues")]
    Queue(#[from] QueueError),
}

/// All buses of the embedded cloud; clones share them.
#[derive(Debug, Clone)]
pub struct Bus {
    rules: Arc<[Rule]>,
    queues: Queues,
    clock: Clock,
}

impl Bus {
    /// A bus that serves these rules.
    pub fn new(queues: Queues, clock: Clock, rules: Vec<Rule>) -> Result<Self, BusError> {
        for rule in &rules {
            if let Some(target) = rule.targets.iter().find(|target| !queues.contains(target)) {
                return Err(BusError::UnknownTarget { rule: rule.name.clone(), target: target.clone() });
            }
        }
        Ok(Self { rules: rules.into(), queues, clock })
    }

    /// Publishes the entries: when this returns, each is durably in the queues of all rules it matches;
    /// on an error, none is. Returns the events' ids, in the order of the entries.
    pub fn put_events(&self, entries: Vec<Entry>) -> Result<Vec<String>, BusError> {
        let mut ids = Vec::with_capacity(entries.len());
        let mut messages = Vec::new();
        for entry in entries {
            let id = Uuid::now_v7().to_string();
            let bus = entry.bus.clone();
            let event = self.event(&id, entry);
            let rules = self.rules.iter().filter(|rule| rule.bus == bus && rule.pattern.matches(&event));
            let body = event.to_string();
            let message = |queue: &String| Outgoing { queue: queue.clone(), body: body.clone() };
            messages.extend(rules.flat_map(|rule| &rule.targets).map(message));
            ids.push(id);
        }
        self.queues.send_all(messages)?;
        Ok(ids)
    }

    fn event(&self, id: &str, entry: Entry) -> Value {
        let time = entry.time.unwrap_or_else(|| self.clock.now());
        json!({
            "version": "0",
            "id": id,
            "detail-type": entry.detail_type,
            "source": entry.source,
            "account": "000000000000",
            "time": time.to_rfc3339_opts(SecondsFormat::Secs, true),
            "region": "local",
            "resources": [],
            "detail": entry.detail,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cloud_db::CloudDb, queue::QueueConfig};
    use aws_lambda_events::event::eventbridge::EventBridgeEvent;
    use std::time::Duration;

    fn rule(bus: &str, name: &str, pattern: Value, targets: &[&str]) -> Rule {
        let targets = targets.iter().map(ToString::to_string).collect();
        Rule { bus: bus.into(), name: name.into(), pattern: Pattern::compile(&pattern).unwrap(), targets }
    }

    fn queues() -> Queues {
        let config = |name: &str| QueueConfig {
            name: name.into(),
            visibility_timeout: Duration::from_secs(30),
            delay: Duration::ZERO,
            redrive: None,
        };
        let configs = ["first", "second"].map(config).into();
        Queues::open(CloudDb::in_memory().unwrap(), Clock::system(), configs).unwrap()
    }

    fn entry(bus: &str, detail_type: &str, time: Option<DateTime<Utc>>) -> Entry {
        let detail = json!({ "n": 1 });
        Entry { bus: bus.into(), source: "skafu.test".into(), detail_type: detail_type.into(), detail, time }
    }

    #[test]
    fn an_event_reaches_the_targets_of_every_rule_it_matches() {
        let queues = queues();
        let rules = vec![
            rule("main", "all", json!({ "source": [{ "prefix": "skafu." }] }), &["first"]),
            rule("main", "created", json!({ "detail-type": ["Created"] }), &["first", "second"]),
            rule("errors", "other bus", json!({ "source": ["skafu.test"] }), &["second"]),
        ];
        let bus = Bus::new(queues.clone(), Clock::system(), rules).unwrap();
        let at = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let entries = vec![entry("main", "Created", Some(at)), entry("main", "Deleted", None)];
        let ids = bus.put_events(entries).unwrap();

        let first = queues.receive("first", 10).unwrap();
        assert_eq!((first.len(), queues.depth("second").unwrap().visible), (3, 1));
        let event: EventBridgeEvent<Value> = serde_json::from_str(&first[0].body).unwrap();
        assert_eq!(event.id.as_ref(), Some(&ids[0]));
        assert_eq!((event.source.as_str(), event.detail_type.as_str()), ("skafu.test", "Created"));
        assert_eq!((event.time, event.detail), (Some(at), json!({ "n": 1 })));
    }

    #[test]
    fn an_event_nobody_wants_is_accepted() {
        let bus = Bus::new(queues(), Clock::system(), vec![]).unwrap();
        assert_eq!(bus.put_events(vec![entry("main", "Created", None)]).unwrap().len(), 1);
    }

    #[test]
    fn a_rule_must_name_existing_queues() {
        let rules = vec![rule("main", "lost", json!({ "source": ["x"] }), &["nowhere"])];
        let error = Bus::new(queues(), Clock::system(), rules).unwrap_err();
        assert_eq!(error.to_string(), "rule `lost` has a target `nowhere` which is no queue");
    }
}
