use skafu_events::{Commit, RecordedEvent, StreamId, event_id};

use super::Draft;
use crate::StoreError;

/// The most events one command may make happen.
pub const MAX_EVENTS_PER_COMMIT: usize = 100;

/// The most bytes a commit's payloads may have as JSON before the largest are kept outside of it. The
/// limit for the whole item is DynamoDB's 400 KB.
pub const MAX_COMMIT_BYTES: usize = 300 * 1024;

/// A payload of more bytes is kept outside in any case: the bus would not take it.
pub const MAX_PAYLOAD_BYTES: usize = 180 * 1024;

/// The commit that `draft` becomes after version `head`.
pub(crate) fn commit_after(stream: &StreamId, head: u64, draft: Draft) -> Result<Commit, StoreError> {
    if draft.events.is_empty() || draft.events.len() > MAX_EVENTS_PER_COMMIT {
        let count = draft.events.len();
        return Err(StoreError::OutOfBounds(format!("{count} events, not 1 to {MAX_EVENTS_PER_COMMIT}")));
    }
    let events = (head + 1..).zip(draft.events).map(|(version, event)| RecordedEvent {
        event_id: event_id(stream, version),
        event_type: event.event_type,
        event_version: event.event_version,
        data: event.data,
        data_ref: None,
    });
    Ok(Commit {
        stream: stream.clone(),
        first_version: head + 1,
        events: events.collect(),
        command_id: draft.command_id,
        body_hash: draft.body_hash,
        correlation_id: draft.correlation_id,
        user_id: draft.user_id,
        timestamp: draft.timestamp,
        metadata: draft.metadata,
    })
}

/// Which payloads to keep outside, given their sizes: those the bus would not take, then the largest
/// until the rest fits.
pub(crate) fn spilled(sizes: &[usize]) -> Vec<usize> {
    let mut by_size: Vec<usize> = (0..sizes.len()).collect();
    by_size.sort_by_key(|at| std::cmp::Reverse(sizes[*at]));
    let mut inside: usize = sizes.iter().sum();
    let mut out = Vec::new();
    for at in by_size {
        if sizes[at] <= MAX_PAYLOAD_BYTES && inside <= MAX_COMMIT_BYTES {
            break;
        }
        inside -= sizes[at];
        out.push(at);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_does_not_fit_is_kept_outside_the_largest_first() {
        let kb = 1024;
        assert_eq!(spilled(&[100 * kb, 100 * kb, 100 * kb]), Vec::<usize>::new());
        assert_eq!(spilled(&[100 * kb, 150 * kb, 100 * kb]), [1]);
        assert_eq!(spilled(&[kb, 181 * kb, kb]), [1]);
        assert_eq!(spilled(&[170 * kb, 171 * kb, 172 * kb]), [2, 1]);
    }
}
