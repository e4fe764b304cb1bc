//! What the black-box tests share: a system in a process of its own, its HTTP API, and its tables.

#![allow(dead_code, unused_imports, reason = "each test uses a part of it")]

mod api;
mod home;
mod project;
mod tables;

use std::time::{Duration, Instant};

pub use api::{Answer, Api};
pub use home::{Dev, Finished, Home, Person};
pub use project::{BUILT_IN, Made, create_project, publish_template};
pub use tables::Tables;

/// How long anything may take that the system does by itself. Reached only by what is broken.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who may create projects.
pub const ALICE: Person = Person { user: "alice", tenant: "acme", role: "developer" };

/// Looks until there is something to see.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
