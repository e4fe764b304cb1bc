//! The `saga` function, deployed twice: one part starts a project's creation, the other does its steps.

mod context;
mod create_repository;
mod fail;
mod render;
mod select;
mod start;
mod step;
mod task;
mod workflows;

pub use start::{SagaStart, start_first};
pub use step::{Failure, Rendering, RepositoryOutput, SagaInput, Selection, StepError, StepInput};
pub use task::SagaTask;
pub use workflows::{MemoryWorkflows, Started, WorkflowError, Workflows};
