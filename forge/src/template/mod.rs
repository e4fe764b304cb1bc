//! Templates: what they ask, whether they are sound, and what they render to.
//!
//! Two layouts are understood. *Native*: `template.json` describes the template, files ending in `.j2` are
//! rendered. *Cookiecutter*: `cookiecutter.json` beside one directory such as
//! `{{cookiecutter.project_slug}}`, whose files are all rendered. Paths may hold expressions in both.

mod cookiecutter;
mod cookiecutter_units;
mod engine;
mod failure;
mod filters;
mod finding;
mod glob;
mod inspect;
mod layout;
mod library;
mod links;
mod manifest;
mod names;
mod naming;
mod nested;
mod parameter;
mod position;
mod python;
mod render;
mod report;
mod resolve;
mod snippet;
mod text;
mod variables;

use serde::{Deserialize, Serialize};
use skafu_events::template::{Parameter, TemplateType};

pub use failure::{RenderError, RenderProblem};
pub use finding::{Finding, FindingCode, Severity};
pub use inspect::{inspect, inspect_source};
pub use naming::slug;
pub use parameter::{check_value, parse_value};
pub use python::{Chance, Mark, NewLine, Style};
pub use render::Made;
pub use snippet::render_text;
pub use text::values_from_text;

use std::sync::Arc;

use crate::source::{Limits, Source};
use layout::Unit;
use library::Library;
use variables::Variables;

/// How a template's files are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Layout {
    /// `template.json` and `.j2` files.
    Native,
    /// `cookiecutter.json` and one directory named by an expression.
    Cookiecutter,
}

/// What a template says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descriptor {
    /// A slug, if the template names one.
    pub id: Option<String>,
    /// For people; a cookiecutter template has none.
    pub name: Option<String>,
    /// What it is for.
    pub template_type: TemplateType,
    /// A sentence or two.
    pub description: Option<String>,
}

/// What every template may know about the project it is rendered for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectFacts {
    /// As its owner wrote it.
    pub name: String,
    /// The name as part of a URL or a stack's name; see [`slug`].
    pub slug: String,
    /// A sentence or two; empty if there is none.
    pub description: String,
    /// What time it is, and what everything random follows from.
    pub chance: Chance,
}

impl ProjectFacts {
    /// No project: every variable has the template's own default.
    pub fn none() -> Self {
        let (name, slug, description) = Default::default();
        Self { name, slug, description, chance: Chance::default() }
    }

    /// The facts of a project; the slug follows from its name.
    pub fn new(name: impl Into<String>, description: Option<&str>) -> Self {
        let name = name.into();
        let description = description.unwrap_or_default().to_owned();
        Self { slug: slug(&name), name, description, chance: Chance::default() }
    }

    /// The same facts at another time, with another seed. Without, it is 1970.
    pub fn with_chance(self, chance: Chance) -> Self {
        Self { chance, ..self }
    }
}

/// A template that passed its checks; made by [`inspect`], or by [`Template::open`] with fewer of them.
#[derive(Debug, Clone)]
pub struct Template {
    /// How its files are laid out.
    pub layout: Layout,
    /// What it says about itself.
    pub descriptor: Descriptor,
    /// What it asks, in the order in which values are settled.
    pub parameters: Vec<Parameter>,
    /// What its author should know, such as hooks that are never run.
    pub notes: Vec<String>,
    /// What its author should look at; none of it stands in the way.
    pub warnings: Vec<Finding>,
    top: Option<String>,
    source: Arc<dyn Source>,
    limits: Limits,
    variables: Variables,
    units: Vec<Unit>,
    library: Library,
    style: Style,
}
