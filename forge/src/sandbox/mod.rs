//! Renders templates that nobody vouches for, in a process of their own.
//!
//! Expressions can neither reach the file system nor the network, and their steps, files and output are counted. What
//! an expression holds in memory cannot be counted from inside: a text that is doubled forty times is few
//! steps. So such templates are rendered by a [`Sandbox`]: the same program, started again with [`ARGUMENT`], with a
//! limit of memory and time that the operating system keeps. What is stopped there is a [`RenderProblem::Stopped`], and
//! nothing of it is left.
//!
//! [`Renderer`] is the port, [`InProcess`] its twin for templates that are trusted, and for tests.
//!
//! [`RenderProblem::Stopped`]: crate::template::RenderProblem::Stopped

#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod ending;
mod frame;
mod in_process;
mod job;
mod limits;
mod output;
mod process;
mod renderer;
mod worker;

pub use ending::SandboxError;
pub use in_process::InProcess;
pub use job::{RenderInto, Rendered};
pub use process::Sandbox;
pub use renderer::{Inspection, RenderFailure, Renderer};
pub use worker::{ARGUMENT, serve_if_asked};
