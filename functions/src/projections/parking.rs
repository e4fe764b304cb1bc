use skafu_store::Chain;

use skafu_events::{StreamId, Timestamp};

use super::error::ProjectError;
use super::fold::Unfoldable;
use super::parked::Parked;
use super::port::Project;

/// An aggregate that cannot be folded is parked when its messages come this often: before the queue gives
/// them up, which would lose them one by one.
pub const PARKED_AT_RECEIVE: u32 = 3;

/// Parks an aggregate whose messages came too often. Whether it did: else they are to be delivered again.
pub async fn park_unfoldable(
    projector: &dyn Project,
    stream: &StreamId,
    why: &Unfoldable,
    receives: u32,
    now: Timestamp,
) -> Result<bool, ProjectError> {
    if receives < PARKED_AT_RECEIVE {
        return Ok(false);
    }
    let view = projector.view();
    tracing::error!(view, %stream, error = %Chain(why), "parked: nothing more of it is shown");
    let event = (*why.event).clone();
    let (stream_name, error, shown) = (stream.to_string(), Chain(why).to_string(), why.after);
    let parked = Parked { stream: stream_name, error, shown, event, at: now, receives };
    projector.park(stream, &parked).await?;
    Ok(true)
}
