use std::collections::BTreeSet;

use serde_json::{Map, Value};
use skafu_events::project::{
    AiAnalysis, CreationOptions, OnFailure, ProjectConfiguration, ProjectCreated, ProjectEvent,
};
use skafu_events::template::Parameter;

use super::{
    AiAnalysisInput, ConfigurationInput, CreateProject, OnFailureInput, OptionsInput, Project, RUNTIMES,
};
use crate::template::check_parameters;
use crate::{Aggregate, Claim, Decision, Principal, Rejection, UniqueName, Violation};

/// Names that would be mistaken for something else.
const RESERVED_NAMES: [&str; 3] = ["admin", "api", "system"];
const MAX_ENVIRONMENT_VALUE: usize = 1000;

/// What the decision to create a project needs to know of the template it names.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedTemplate {
    /// What the latest revision asks for.
    pub parameters: Vec<Parameter>,
}

impl Project {
    pub(super) fn create(
        &self,
        command: &CreateProject,
        caller: &Principal,
        template: Option<&PublishedTemplate>,
    ) -> Result<Decision<ProjectEvent>, Rejection> {
        if self.exists() {
            return Err(Rejection::Exists("the project"));
        }
        let name = command.name.trim();
        let configuration = command.configuration.clone();
        let mut violations = name_violations(name);
        violations.extend(configuration_violations(&configuration));
        let given = given_parameters(command, &configuration, template);
        let parameters = match template {
            Some(template) => check_parameters(&template.parameters, &given, "/data/templateParameters"),
            None => Ok(given),
        };
        let parameters = parameters.unwrap_or_else(|more| {
            violations.extend(more);
            Map::new()
        });
        if !violations.is_empty() {
            return Err(Rejection::Invalid(violations));
        }
        if template.is_none() {
            return Err(unknown_template());
        }
        Ok(Decision {
            events: vec![ProjectEvent::ProjectCreated(ProjectCreated {
                name: name.to_owned(),
                description: command.description.clone(),
                owner_id: caller.user_id().to_owned(),
                template_id: command.template_id.clone(),
                configuration: ProjectConfiguration {
                    runtime: configuration.runtime.or_else(|| chosen(&parameters, template, "runtime")),
                    region: configuration.region.or_else(|| chosen(&parameters, template, "region")),
                    features: configuration.features,
                    environment: configuration.environment,
                },
                template_parameters: parameters,
                options: command.options.clone().into(),
            })],
            claims: vec![Claim::Take(UniqueName::project(name))],
        })
    }
}

impl From<OptionsInput> for CreationOptions {
    fn from(input: OptionsInput) -> Self {
        Self {
            on_failure: match input.on_failure {
                OnFailureInput::Compensate => OnFailure::Compensate,
                OnFailureInput::KeepForRetry => OnFailure::KeepForRetry,
            },
            ai_analysis: match input.ai_analysis {
                AiAnalysisInput::Auto => AiAnalysis::Auto,
                AiAnalysisInput::Skip => AiAnalysis::Skip,
                AiAnalysisInput::Required => AiAnalysis::Required,
            },
        }
    }
}

fn unknown_template() -> Rejection {
    Rejection::Rule {
        rule: "template-published",
        message: "there is no published template of that id in your tenant or in the built-in catalogue"
            .to_owned(),
        violations: vec![Violation::new(
            "/data/templateId",
            "unknown-template",
            "is not a published template",
        )],
    }
}

pub(super) fn name_violations(name: &str) -> Vec<Violation> {
    let at = "/data/name";
    if name.is_empty() {
        vec![Violation::new(at, "blank", "must hold more than spaces")]
    } else if RESERVED_NAMES.contains(&name.to_ascii_lowercase().as_str()) {
        vec![Violation::new(at, "reserved", "is reserved: choose another name")]
    } else {
        Vec::new()
    }
}

pub(super) fn configuration_violations(configuration: &ConfigurationInput) -> Vec<Violation> {
    let mut violations = Vec::new();
    if configuration.runtime.as_ref().is_some_and(|name| !RUNTIMES.iter().any(|known| known.name == name)) {
        let known: Vec<_> = RUNTIMES.iter().map(|runtime| runtime.name).collect();
        let message = format!("must be one of {}", known.join(", "));
        violations.push(Violation::new("/data/configuration/runtime", "choice", message));
    }
    let unique: BTreeSet<_> = configuration.features.iter().collect();
    if unique.len() < configuration.features.len() {
        violations.push(Violation::new(
            "/data/configuration/features",
            "unique",
            "must name each feature once",
        ));
    }
    for (name, value) in &configuration.environment {
        if value.chars().count() > MAX_ENVIRONMENT_VALUE {
            let at = format!("/data/configuration/environment/{name}");
            let message = format!("must have at most {MAX_ENVIRONMENT_VALUE} characters");
            violations.push(Violation::new(at, "maxLength", message));
        }
    }
    violations
}

/// The parameters that were given. What the configuration says counts, too, where the template asks for
/// it under the same name: a client that knows only of runtime and region need not repeat itself.
fn given_parameters(
    command: &CreateProject,
    configuration: &ConfigurationInput,
    template: Option<&PublishedTemplate>,
) -> Map<String, Value> {
    let mut given = command.template_parameters.clone();
    let also = [("runtime", &configuration.runtime), ("region", &configuration.region)];
    for (name, value) in also {
        let asked = template.is_some_and(|template| template.parameters.iter().any(|it| it.name == name));
        if let (true, Some(value), false) = (asked, value, given.contains_key(name)) {
            given.insert(name.to_owned(), Value::String(value.clone()));
        }
    }
    given
}

/// The value the template will be rendered with, as far as it is known before it is.
fn chosen(given: &Map<String, Value>, template: Option<&PublishedTemplate>, name: &str) -> Option<String> {
    let parameter = template?.parameters.iter().find(|parameter| parameter.name == name)?;
    let value = given.get(name).or(parameter.default.as_ref()).or(parameter.choices.first())?;
    value.as_str().filter(|text| !text.contains("{{")).map(str::to_owned)
}
