//! A small API that keeps items.
//!
//! [`routes`] turns requests into answers, [`item`] says what an item is, [`store`] what is asked of a place that
//! keeps them, and [`dynamo`] is that place on AWS.

pub mod dynamo;
pub mod item;
pub mod routes;
pub mod store;
