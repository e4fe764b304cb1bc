//! Templates: what they ask, whether they are sound, and what they render to.
//!
//! Two layouts are understood. *Native*: `template.json` describes the template, files ending in `.j2` are
//! rendered. *Cookiecutter*: `cookiecutter.json` beside one directory such as
//! `{{cookiecutter.project_slug}}`, whose files are all rendered. Paths may hold expressions in both.

mod cookiecutter;
mod engine;
mod failure;
mod filters;
mod finding;
mod glob;
mod inspect;
mod layout;
mod manifest;
mod naming;
mod nested;
mod parameter;
mod python;
mod render;
mod resolve;
mod snippet;
mod variables;

use skafu_events::template::{Parameter, TemplateType};

pub use failure::{RenderError, RenderProblem};
pub use finding::{Finding, FindingCode};
pub use inspect::inspect;
pub use naming::slug;
pub use parameter::check_value;
pub use python::{Chance, Mark, NewLine, Style};
pub use snippet::render_text;

use layout::{Library, Unit};
use variables::Variables;

/// How a template's files are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `template.json` and `.j2` files.
    Native,
    /// `cookiecutter.json` and one directory named by an expression.
    Cookiecutter,
}

/// What a template says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectFacts {
    /// As its owner wrote it.
    pub name: String,
    /// The name as part of a URL or a stack's name; see [`slug`].
    pub slug: String,
    /// A sentence or two; empty if there is none.
    pub description: String,
}

impl ProjectFacts {
    /// The facts of a project; the slug follows from its name.
    pub fn new(name: impl Into<String>, description: Option<&str>) -> Self {
        let name = name.into();
        Self { slug: slug(&name), name, description: description.unwrap_or_default().to_owned() }
    }
}

/// A template that passed every check; made by [`inspect`].
#[derive(Debug, Clone)]
pub struct Template {
    /// How its files are laid out.
    pub layout: Layout,
    /// What it says about itself.
    pub descriptor: Descriptor,
    /// What it asks, in its own order.
    pub parameters: Vec<Parameter>,
    /// What its author should know, such as hooks that are never run.
    pub notes: Vec<String>,
    variables: Variables,
    units: Vec<Unit>,
    library: Library,
    style: Style,
}
