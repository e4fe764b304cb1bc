use serde_json::{Map, Value};

use super::engine::Engine;
use super::{Finding, ProjectFacts, Template};

impl Template {
    /// Every parameter's value: what was given, else its default. All findings at once.
    ///
    /// Resolving what was resolved gives the same again. A cookiecutter variable `project_name` that was not
    /// given is the project's name; a given value is never read as an expression.
    pub fn resolve(
        &self,
        given: &Map<String, Value>,
        project: &ProjectFacts,
    ) -> Result<Map<String, Value>, Vec<Finding>> {
        let mut engine = Engine::with_chance(&self.style, &self.library, self.limits, project.chance);
        Ok(self.variables.evaluate(&self.parameters, given, project, &mut engine)?.parameters)
    }
}
