use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use skafu_events::{AggregateKind, Envelope, golden};

use crate::{Change, Keys, Placement, Step, View};

/// What tells whether rows were made by this code: a hash over everything the view makes of the golden
/// events, which are one of every type and schema version.
///
/// It changes with the form of the rows, with where they stand, and with what the fold makes of any type
/// of event. What the golden events do not show, it does not see: a fold that treats special values
/// specially needs a golden event with such a value.
///
/// Reckoned once in a process: it can only change with the code, and every feed of the view asks for it.
pub fn fold_hash<V: View>() -> String {
    static KNOWN: LazyLock<Mutex<HashMap<TypeId, String>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(TypeId::of::<V>()).or_insert_with(reckoned::<V>).clone()
}

fn reckoned<V: View>() -> String {
    let mut digest = Sha256::new();
    for kind in V::KINDS {
        let events = golden_events(*kind);
        for history in histories(&events) {
            digest.update(told::<V>(&history).to_string());
        }
    }
    digest.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn golden_events(kind: AggregateKind) -> Vec<Envelope> {
    // A test of the events' own holds that every golden event can be read.
    golden::of(kind).iter().filter_map(|text| serde_json::from_str(text).ok()).collect()
}

/// All of them in order; and each right after the first, so that none hides behind another.
fn histories(events: &[Envelope]) -> Vec<Vec<&Envelope>> {
    let each = (1..events.len()).map(|at| vec![&events[0], &events[at]]);
    std::iter::once(events.iter().collect()).chain(each).collect()
}

/// Everything a view makes of a history, each event a commit of its own.
fn told<V: View>(history: &[&Envelope]) -> Value {
    let (mut shown, mut told): (Option<V::Row>, Vec<Value>) = (None, Vec::new());
    for event in history {
        let Ok(stream) = event.stream() else { continue };
        let keys = Keys::new(stream.tenant(), V::NAME, 0);
        let after = match V::apply(shown.clone(), event) {
            Ok(after) => after,
            Err(error) => {
                told.push(json!(error.to_string()));
                continue;
            }
        };
        let events = [Envelope::clone(event)];
        let step = Step { stream: &stream, events: &events, before: shown.as_ref(), after: after.as_ref() };
        let changes: Vec<Value> = V::changes(&keys, step).iter().map(change).collect();
        let places: Vec<Value> =
            after.iter().flat_map(|row| V::places(&keys, row)).map(|it| placement(&it)).collect();
        told.push(json!([after, places, changes]));
        shown = after;
    }
    Value::Array(told)
}

fn placement(it: &Placement) -> Value {
    json!([format!("{:?}", it.place), it.partition, it.sort])
}

fn change(change: &Change) -> Value {
    match change {
        Change::Put { partition, sort, content, places } => {
            let places: Vec<Value> = places.iter().map(placement).collect();
            json!(["put", partition, sort, content, places])
        }
        Change::Delete { partition, sort } => json!(["delete", partition, sort]),
        Change::Add { partition, sort, counters } => json!(["add", partition, sort, counters]),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        ActivityView, AnalyticsView, FoldError, OperationView, ProjectRow, ProjectView, TemplateView,
        UserView,
    };

    /// The project view with another fold, or with other places.
    struct Changed<const FOLD: bool, const PLACES: bool>;

    impl<const FOLD: bool, const PLACES: bool> View for Changed<FOLD, PLACES> {
        const NAME: &'static str = ProjectView::NAME;
        const KINDS: &'static [AggregateKind] = ProjectView::KINDS;
        type Row = ProjectRow;

        fn apply(row: Option<ProjectRow>, event: &Envelope) -> Result<Option<ProjectRow>, FoldError> {
            let ignored = FOLD && event.event_type == "ProjectRestored";
            if ignored { Ok(row) } else { ProjectView::apply(row, event) }
        }

        fn places(keys: &Keys, row: &ProjectRow) -> Vec<Placement> {
            let mut places = ProjectView::places(keys, row);
            places.truncate(if PLACES { 1 } else { 2 });
            places
        }

        fn changes(keys: &Keys, step: Step<'_, ProjectRow>) -> Vec<Change> {
            ProjectView::changes(keys, step)
        }
    }

    #[test]
    fn the_hash_is_the_same_each_time_and_another_for_each_view() {
        let all = [
            fold_hash::<ProjectView>(),
            fold_hash::<UserView>(),
            fold_hash::<AnalyticsView>(),
            fold_hash::<TemplateView>(),
            fold_hash::<ActivityView>(),
            fold_hash::<OperationView>(),
        ];
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 6);
        assert_eq!(all[0], reckoned::<ProjectView>());
        assert_eq!(all[0], fold_hash::<Changed<false, false>>());
    }

    #[test]
    fn another_fold_and_other_places_are_told_from_the_old_ones() {
        assert_ne!(fold_hash::<ProjectView>(), fold_hash::<Changed<true, false>>());
        assert_ne!(fold_hash::<ProjectView>(), fold_hash::<Changed<false, true>>());
    }
}
