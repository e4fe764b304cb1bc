use serde_json::{Map, Value};
use skafu_events::template::{Parameter, ParameterType};

use super::parameter::parse_value;
use super::variables::PROJECT_FACTS;
use super::{Finding, FindingCode, Layout, ProjectFacts, Template};

/// The name of a project that was given none.
const UNNAMED: &str = "My Project";

/// Reads values that were written as text, each by its parameter's type, and the facts of the project among them.
///
/// A native template without `project_name` is rendered for "My Project"; a cookiecutter template has its own
/// defaults. All findings at once; whether the values fit is for [`Template::resolve`] to say.
pub fn values_from_text(
    template: &Template,
    given: &[(String, String)],
) -> Result<(Map<String, Value>, ProjectFacts), Vec<Finding>> {
    let mut values = Map::new();
    let mut findings = Vec::new();
    let mut facts = [None, None, None];
    for (name, text) in given {
        let fact = PROJECT_FACTS.iter().position(|fact| fact == name);
        if let (Layout::Native, Some(fact)) = (template.layout, fact) {
            facts[fact] = Some(text.clone());
            continue;
        }
        let parameter = template.parameters.iter().find(|parameter| parameter.name == *name);
        match parameter.map_or_else(
            || Ok(Value::from(text.as_str())),
            |parameter| value(template.layout, parameter, text),
        ) {
            Ok(value) => drop(values.insert(name.clone(), value)),
            Err(problem) => {
                let message = format!("the parameter `{name}` {problem}");
                findings.push(Finding::new(FindingCode::InvalidParameterValue, "", message));
            }
        }
    }
    let project = match template.layout {
        Layout::Cookiecutter => ProjectFacts::none(),
        Layout::Native => {
            let [name, slug, description] = facts;
            let facts = ProjectFacts::new(name.as_deref().unwrap_or(UNNAMED), description.as_deref());
            ProjectFacts { slug: slug.unwrap_or(facts.slug), ..facts }
        }
    };
    if findings.is_empty() { Ok((values, project)) } else { Err(findings) }
}

/// As cookiecutter reads an answer to a question of yes or no.
fn yes_or_no(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" | "on" => Some(true),
        "0" | "false" | "f" | "no" | "n" | "off" => Some(false),
        _ => None,
    }
}

fn value(layout: Layout, parameter: &Parameter, text: &str) -> Result<Value, String> {
    match (layout, parameter.parameter_type) {
        (Layout::Cookiecutter, ParameterType::Boolean) => {
            yes_or_no(text).map(Value::from).ok_or_else(|| "must be yes or no".to_owned())
        }
        _ => parse_value(parameter, text),
    }
}
