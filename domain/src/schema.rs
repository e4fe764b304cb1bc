use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use skafu_events::{DomainEvent, Envelope};

use crate::Aggregate;

/// What tells which snapshots this code can use: a hash over the state after each golden event.
///
/// It changes with the form of the state and with what the fold makes of any type of event, so a
/// snapshot of other code is never taken for this code's. What the golden events do not show, it does
/// not see: a fold that treats special values specially needs a golden event with such a value.
pub fn schema<A: Aggregate>() -> Arc<str> {
    static KNOWN: LazyLock<Mutex<HashMap<TypeId, Arc<str>>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(known.entry(TypeId::of::<A>()).or_insert_with(|| compute::<A>().into()))
}

fn compute<A: Aggregate>() -> String {
    let mut digest = Sha256::new();
    let mut state = A::default();
    for golden in A::GOLDEN {
        let envelope: Option<Envelope> = serde_json::from_str(golden).ok();
        let event = envelope.and_then(|it| A::Event::decode(&it.event_type, it.event_version, &it.data).ok());
        // A test holds that every golden event can be read.
        if let Some(event) = event {
            state.evolve(&event);
        }
        digest.update(serde_json::to_string(&state).unwrap_or_default());
    }
    digest.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::project::Project;
    use crate::repository::Repository;
    use crate::template::Template;

    fn golden<A: Aggregate>() -> BTreeSet<String> {
        let read = |text: &&str| {
            let envelope: Envelope = serde_json::from_str(text).unwrap();
            A::Event::decode(&envelope.event_type, envelope.event_version, &envelope.data).unwrap();
            (*text).to_owned()
        };
        A::GOLDEN.iter().map(read).collect()
    }

    #[test]
    fn every_golden_event_counts_towards_its_aggregate_s_schema() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events/golden");
        let files: BTreeSet<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
            .collect();
        let used: BTreeSet<String> = [golden::<Project>(), golden::<Template>(), golden::<Repository>()]
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(used, files);
    }

    #[test]
    fn a_schema_is_the_same_each_time_and_differs_between_aggregates() {
        assert_eq!(schema::<Project>(), schema::<Project>());
        assert_eq!(schema::<Project>().len(), 16);
        assert_ne!(schema::<Project>(), schema::<Template>());
    }
}
