//! Commits as the store would hold them, and rows as a projector would leave them.

#![allow(dead_code, unused_imports, reason = "every test takes what it needs")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod history;
mod rows;

pub use history::{Story, at, correlation};
pub use rows::{Rows, key, rows};

/// An event from the golden files of the events.
pub fn golden(event_type: &str) -> skafu_events::Envelope {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(format!("../events/golden/{event_type}.v1.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}
