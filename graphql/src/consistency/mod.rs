//! Questions that see what their askers have written, although the views lag behind.
//!
//! A question may *demand* versions of aggregates: those its asker's tokens name. Where a view shows an
//! older one, the commits it misses are read from the event store and folded onto its rows, for this one
//! answer, with the view's own functions. Nothing is written.

mod arguments;
mod catch_up;
mod caught;
mod known;
mod merge;
mod told;

pub(crate) use arguments::tokens;
pub(crate) use catch_up::{CatchUp, Range};
pub(crate) use told::Told;
