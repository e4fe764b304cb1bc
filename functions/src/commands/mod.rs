//! The `commands` function: decodes, authorises, decides and appends.

mod execute;
mod facts;
mod handler;

pub(crate) use execute::fold;
pub(crate) use facts::violation;
pub use handler::Commands;
