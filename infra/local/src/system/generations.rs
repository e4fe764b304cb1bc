//! Whether the rows that stand there are the work of this code.

use std::sync::Arc;

use skafu_functions::projections::Feed;
use skafu_functions::{Clock, SystemClock};
use skafu_store::generations::RegistryError;

/// The views whose active generation was made by another fold. A view without any rows yet is begun.
pub(super) async fn stale(views: &[Arc<Feed>]) -> Result<Vec<&'static str>, RegistryError> {
    let mut stale = Vec::new();
    for feed in views {
        if let Some(generation) = feed.stale(SystemClock.now()).await? {
            let view = feed.view();
            tracing::warn!(
                view,
                generation,
                "its rows were made by another fold: skafu views rebuild {view}"
            );
            stale.push(view);
        }
    }
    Ok(stale)
}
