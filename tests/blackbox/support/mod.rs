//! What the black-box tests share: a system on some target, its HTTP API, and its tables.

#![allow(dead_code, unused_imports, reason = "each binary uses a part of it")]

mod api;
mod home;
mod people;
mod project;
mod tables;
pub mod target;
mod world;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

pub use api::{Answer, Api};
pub use home::{Dev, Finished, Home};
pub use people::{ALICE, Person};
pub use project::{BUILT_IN, Made, create_project, publish_template};
pub use tables::{TableNames, Tables};
pub use target::Repository;
pub use world::World;

/// How long anything may take that the system does by itself. Reached only by what is broken.
static PATIENCE: LazyLock<Duration> = LazyLock::new(|| target::Selected::from_environment().patience());

/// Looks until there is something to see.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + *PATIENCE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "not within {:?}: {what}", *PATIENCE);
        std::thread::sleep(Duration::from_millis(20));
    }
}
