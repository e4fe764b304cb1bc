use std::cell::RefCell;

use skafu_events::{AggregateKind, Envelope};
use skafu_views::{Change, FoldError, Keys, Placement, Step, View};

thread_local! {
    /// The aggregate and the version at which no view can fold it; a mistake that is mended later.
    static POISON: RefCell<Option<(String, u64)>> = const { RefCell::new(None) };
}

/// From now on the event of that version of that aggregate cannot be folded; none: the code is mended.
pub fn poison(event: Option<(String, u64)>) {
    POISON.with_borrow_mut(|poison| *poison = event);
}

/// A view whose code has a mistake in it.
#[derive(Debug)]
pub struct Fragile<V>(std::marker::PhantomData<fn() -> V>);

impl<V: View> View for Fragile<V> {
    const NAME: &'static str = V::NAME;
    const KINDS: &'static [AggregateKind] = V::KINDS;
    const SHARES_ROWS: bool = V::SHARES_ROWS;
    type Row = V::Row;

    fn apply(row: Option<V::Row>, event: &Envelope) -> Result<Option<V::Row>, FoldError> {
        let poisoned = POISON.with_borrow(|poison| {
            poison
                .as_ref()
                .is_some_and(|(id, at)| *id == event.aggregate_id && *at == event.aggregate_version)
        });
        if poisoned { Err(FoldError::NotBegun("the mistake".to_owned())) } else { V::apply(row, event) }
    }

    fn places(keys: &Keys, row: &V::Row) -> Vec<Placement> {
        V::places(keys, row)
    }

    fn changes(keys: &Keys, step: Step<'_, V::Row>) -> Vec<Change> {
        V::changes(keys, step)
    }
}
