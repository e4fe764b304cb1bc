use std::error::Error;

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
    tracing::error!(view, %stream, error = why as &dyn Error, "parked: nothing more of it is shown");
    let event = (*why.event).clone();
    let (stream_name, error, shown) = (stream.to_string(), sentence(why), why.after);
    let parked = Parked { stream: stream_name, error, shown, event, at: now, receives };
    projector.park(stream, &parked).await?;
    Ok(true)
}

/// An error and its sources in one line.
fn sentence(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        // What a decoder says may quote what stood there.
        match error.downcast_ref::<serde_json::Error>() {
            Some(error) => text.push_str(&format!("its JSON does not fit ({:?})", error.classify())),
            None => text.push_str(&error.to_string()),
        }
        source = error.source();
    }
    text
}
