use std::collections::BTreeMap;

use skafu_events::Envelope;

/// What a batch says happened to one aggregate. Only a hint: messages come late, twice, or not at all.
#[derive(Debug, Default, Clone)]
pub struct Hints {
    events: BTreeMap<u64, Envelope>,
}

impl Hints {
    /// Takes one more event in.
    pub fn add(&mut self, event: Envelope) {
        self.events.insert(event.aggregate_version, event);
    }

    /// The latest version the batch knows of: always a commit's end.
    pub fn target(&self) -> u64 {
        self.events.values().map(Envelope::commit_end).max().unwrap_or_default()
    }

    /// The events from `version` to the target, if every one of them is here and no commit is cut.
    pub fn follow(&self, version: u64) -> Option<Vec<Envelope>> {
        let target = self.target();
        let wanted = version + 1..=target;
        // A payload that was too large for the bus is as good as missing.
        let here = |at| self.events.get(&at).filter(|event| event.data_ref.is_none()).cloned();
        let found: Vec<Envelope> = wanted.clone().map_while(here).collect();
        (found.len() as u64 == target - version).then_some(found)
    }
}
