pub mod events;
pub mod views;
