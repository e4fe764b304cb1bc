use skafu_events::{Commit, StreamId};

use super::DynamoEventStore;
use super::load::{AFTER_EVENTS, Page, Range};
use crate::dynamo::codec::event_key;
use crate::events::contiguous;
use crate::{Consistency, StoreError};

/// Versions up to this one have keys of the same length, which sort as they do.
const LAST_KEYED: u64 = 9_999_999_999;

impl DynamoEventStore {
    /// At most `limit` commits whose first version is below `before`, newest first: one query, unless the
    /// table ends its page before that many.
    pub(super) async fn page_of_commits(
        &self,
        stream: &StreamId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Commit>, StoreError> {
        let last = before.map_or(LAST_KEYED, |before| before.saturating_sub(1));
        // The table takes neither an empty range nor an empty page.
        if last == 0 || limit == 0 {
            return Ok(Vec::new());
        }
        let to = if last < LAST_KEYED { event_key(last) } else { AFTER_EVENTS.to_owned() };
        let (from, consistency) = (event_key(1), Consistency::Strong);
        let (mut items, mut start, mut left) = (Vec::new(), None, limit);
        while left > 0 {
            let limit = Some(i32::try_from(left).unwrap_or(i32::MAX));
            let range = Range { stream, from: from.clone(), to: to.clone(), consistency, limit };
            let Page { items: found, more } = self.page(&range, start).await?;
            left = left.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
            items.extend(found);
            start = more;
            if start.is_none() {
                break;
            }
        }
        let mut commits = self.commits(stream, items).await?;
        // A page that is not full reaches the beginning.
        let oldest = commits.first().filter(|_| left == 0).map_or(1, |commit| commit.first_version);
        if let (false, Err(missing)) = (commits.is_empty(), contiguous(oldest.saturating_sub(1), &commits)) {
            return Err(StoreError::CorruptStream { stream: stream.clone(), missing });
        }
        commits.reverse();
        Ok(commits)
    }
}
