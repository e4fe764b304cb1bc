//! The `commands` function: decodes, authorises, decides and appends.

mod conflict;
mod execute;
mod facts;
mod handler;
mod session;

pub use facts::violation;
pub use handler::Commands;
