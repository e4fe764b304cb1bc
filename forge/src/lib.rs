//! How a repository is made.
//!
//! Files come from a [`source`], are checked and rendered as a [`template`], travel as a [`bundle`],
//! become [`git`] objects, and are kept by a provider of [`repositories`]. [`blobs`] keeps bytes by key;
//! [`sandbox`] renders what is not trusted; [`builtin`] holds the templates that ship with Skafu, [`runtimes`] what
//! they may run on.

#![forbid(unsafe_code)]

pub mod blobs;
pub mod builtin;
pub mod bundle;
pub mod git;
pub mod repositories;
pub mod runtimes;
pub mod sandbox;
pub mod source;
pub mod template;
