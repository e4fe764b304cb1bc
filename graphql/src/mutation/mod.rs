//! One mutation for each command that a person may send. What is sent is checked and decided where commands
//! over REST are; here it only gets its GraphQL form.

mod accepted;
mod envelope;
mod payload;
mod project;
mod refused;
mod send;
mod template;

use async_graphql::MergedObject;

pub(crate) use refused::CommandError;

/// All mutations.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(project::ProjectMutations, template::TemplateMutations);
