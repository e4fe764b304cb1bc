use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value};

use super::{Inspection, RenderFailure, Renderer};
use crate::source::{Limits, Memory, SourceFile};
use crate::template::{ProjectFacts, Template, inspect_source};

/// Renders in this process, with no limit of memory: for templates that come with Skafu, and for tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct InProcess;

#[async_trait]
impl Renderer for InProcess {
    async fn inspect(&self, files: Vec<SourceFile>) -> Result<Inspection, RenderFailure> {
        let source = Arc::new(Memory::new(files));
        inspect_source(source, Limits::PLATFORM).map(Inspection::from).map_err(RenderFailure::Findings)
    }

    async fn resolve(
        &self,
        files: Vec<SourceFile>,
        given: Map<String, Value>,
        project: ProjectFacts,
    ) -> Result<Map<String, Value>, RenderFailure> {
        open(files)?.resolve(&given, &project).map_err(RenderFailure::Findings)
    }

    async fn render(
        &self,
        files: Vec<SourceFile>,
        parameters: Map<String, Value>,
        project: ProjectFacts,
    ) -> Result<Vec<SourceFile>, RenderFailure> {
        Ok(open(files)?.render(&parameters, &project)?)
    }
}

/// What has been inspected before.
fn open(files: Vec<SourceFile>) -> Result<Template, RenderFailure> {
    Template::open(Arc::new(Memory::new(files)), Limits::PLATFORM).map_err(RenderFailure::Findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::contract;

    #[tokio::test]
    async fn it_does_what_every_renderer_does() {
        contract::run(&InProcess).await;
    }
}
