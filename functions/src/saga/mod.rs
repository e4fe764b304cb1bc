//! The `saga` function, deployed twice: one part starts executions of a project's creation, the other does their steps.

mod begin;
mod bundles;
mod context;
mod due;
mod fail;
mod render;
mod repository;
mod select;
mod start;
mod step;
mod stopped;
mod task;
mod undo;
mod workflows;

pub use due::{calls_for_saga, due};
pub use start::{SagaStart, begin};
pub use step::{
    Analysis, AttemptOutcome, Failure, Plan, Rendering, RepositoryAnswer, RepositoryOutput, SagaInput,
    Selection, StepError, StepInput, Undo,
};
pub use task::SagaTask;
pub use workflows::{MemoryWorkflows, Started, WorkflowError, Workflows};
