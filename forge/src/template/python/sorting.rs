//! Sorting as Python sorts: stable, and an error where two values have no order.

use std::cmp::Ordering;

use minijinja::{Error, Value};

use super::compare::Steps;

/// Sorts the values themselves.
pub(super) fn sort(items: &mut [Value], is_reversed: bool) -> Result<(), Error> {
    let mut steps = Steps::of_many();
    sort_by(items, is_reversed, |a, b| steps.order(a, b))
}

/// Sorts by a comparison. Reversed, what is equal keeps its order as well.
pub(super) fn sort_by<T>(
    items: &mut [T],
    is_reversed: bool,
    mut compare: impl FnMut(&T, &T) -> Result<Option<Ordering>, Error>,
) -> Result<(), Error> {
    let mut failure = None;
    merge_sort(items, &mut |a, b| {
        let order = if failure.is_some() { Ok(None) } else { compare(a, b) };
        let order = order.unwrap_or_else(|error| {
            failure = Some(error);
            None
        });
        let order = order.unwrap_or(Ordering::Equal);
        if is_reversed { order.reverse() } else { order }
    });
    failure.map_or(Ok(()), Err)
}

/// The library's own sort may not be given an order that is none, as that of numbers and what is no number.
fn merge_sort<T>(items: &mut [T], compare: &mut impl FnMut(&T, &T) -> Ordering) {
    if items.len() < 2 {
        return;
    }
    let (left, right) = items.split_at_mut(items.len() / 2);
    merge_sort(left, compare);
    merge_sort(right, compare);
    let middle = items.len() / 2;
    let mut order: Vec<usize> = Vec::with_capacity(items.len());
    let (mut a, mut b) = (0, middle);
    while a < middle && b < items.len() {
        let takes_right = compare(&items[b], &items[a]) == Ordering::Less;
        order.push(if takes_right { b } else { a });
        if takes_right { b += 1 } else { a += 1 }
    }
    order.extend(a..middle);
    order.extend(b..items.len());
    permute(items, &mut order);
}

/// Puts at each place the item that `order` names for it.
fn permute<T>(items: &mut [T], order: &mut [usize]) {
    for start in 0..order.len() {
        let mut at = start;
        loop {
            let from = std::mem::replace(&mut order[at], at);
            if from == start || from == at {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}
