use std::collections::BTreeMap;

use skafu_events::Envelope;

use crate::mutants::Mutant;

/// What a batch says happened to one aggregate. Only a hint: messages come late, twice, or not at all.
#[derive(Debug, Default, Clone)]
pub struct Hints {
    events: BTreeMap<u64, Envelope>,
    announced: u64,
    no_further: bool,
}

impl Hints {
    /// No event at hand, but the word that the aggregate has reached that version.
    pub fn announce(version: u64) -> Self {
        Self { announced: version, ..Self::default() }
    }

    /// The same, of which nothing later is shown, even if it has happened by the time the store is asked.
    /// So are several generations brought to one version, whatever happens between their writes.
    pub fn no_further(self) -> Self {
        Self { no_further: true, ..self }
    }

    /// Takes one more event in.
    pub fn add(&mut self, event: Envelope) {
        let end = if Mutant::PartialCommit.is_on() { event.aggregate_version } else { event.commit_end() };
        self.announced = self.announced.max(end);
        self.events.insert(event.aggregate_version, event);
    }

    /// The latest version the batch knows of: always a commit's end.
    pub fn target(&self) -> u64 {
        self.announced
    }

    /// The events from `version` to the target, if every one of them is here and no commit is cut.
    pub fn follow(&self, version: u64) -> Option<Vec<Envelope>> {
        let wanted = version + 1..=self.announced;
        // A payload that was too large for the bus is as good as missing.
        let here = |at| self.events.get(&at).filter(|event| event.data_ref.is_none()).cloned();
        let found: Vec<Envelope> = wanted.map_while(here).collect();
        (found.len() as u64 == self.announced.saturating_sub(version)).then_some(found)
    }

    /// Whether a commit that begins at that version is to be shown, too, if the store has it.
    pub(super) fn wants(&self, version: u64) -> bool {
        !self.no_further || version <= self.announced || Mutant::ShownFurther.is_on()
    }

    /// Whatever is here, in order.
    pub(super) fn all(&self) -> Vec<Envelope> {
        self.events.values().cloned().collect()
    }
}
