use std::sync::Arc;

use serde::{Deserialize, Serialize};
use skafu_store::Segment;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::read::{Page, Position, Table};
use crate::cli::failure::Failure;

/// How far a segment is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Standing {
    /// Not at all.
    Start,
    /// Up to that item.
    After(Position),
    /// To its end.
    Done,
}

impl Standing {
    /// How far it is read with a page that ends there.
    pub(super) fn at(next: Option<Position>) -> Self {
        next.map_or(Self::Done, Self::After)
    }
}

/// Reads on from where each segment stands, all segments side by side. Pages come in any order of
/// segments, but in the segment's own; a stream lies in one segment.
pub(super) async fn read(
    table: &Arc<Table>,
    from: &[Standing],
    mut each: impl FnMut(usize, Page) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // One page waits for each while it is read on.
    let (sender, mut pages) = mpsc::channel(from.len().max(1));
    let mut readers = JoinSet::new();
    let total = u32::try_from(from.len()).unwrap_or(u32::MAX);
    for (index, standing) in (0..total).zip(from) {
        let mut after = match standing {
            Standing::Start => None,
            Standing::After(position) => Some(position.clone()),
            Standing::Done => continue,
        };
        let (table, sender) = (Arc::clone(table), sender.clone());
        readers.spawn(async move {
            loop {
                let page = table.page(Segment { index, total }, after.as_ref()).await;
                after = page.as_ref().ok().and_then(|page| page.next.clone());
                if sender.send((index as usize, page)).await.is_err() || after.is_none() {
                    return;
                }
            }
        });
    }
    drop(sender);
    while let Some((index, page)) = pages.recv().await {
        each(index, page?)?;
    }
    while let Some(ended) = readers.join_next().await {
        ended.map_err(|error| Failure::chain("INTERNAL", &error))?;
    }
    Ok(())
}
