//! The operator's commands, as the real binary answers them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what fails here fails the test")]

mod aggregate;
mod damage;
mod dump;
mod places;
mod saga_list;
mod saga_send;
mod saga_show;
mod sagas;
mod world;
