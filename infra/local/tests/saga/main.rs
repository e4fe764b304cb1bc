//! The sagas, proved: whatever is done twice, fails, comes late, is stopped or asked for meanwhile, every execution ends
//! clean. All of it in this process and in virtual time, and made from the definitions themselves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what fails here fails the test")]

mod bus;
mod compensated_twice;
mod coverage;
mod deleted;
mod failures;
mod late;
mod machine;
mod many;
mod mistakes;
mod names;
mod outcome;
mod ports;
mod probe;
mod rebuild;
mod renamed;
mod report;
mod retried;
mod rows;
mod scenario;
mod script;
mod stopped;
mod twice;
mod world;
