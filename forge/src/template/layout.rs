use std::sync::Arc;

use skafu_events::template::Parameter;

use super::library::Library;
pub(super) use super::python::Style;
use super::variables::Variables;
use super::{Descriptor, Finding, Layout};
use crate::source::{FileMode, Source};

/// One file or directory to make.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    /// Where its content stands in the template's source.
    pub(super) at: usize,
    /// The template's file, for errors.
    pub(super) origin: String,
    /// The path in pieces that are rendered one by one and joined by `/`. A native template's pieces are
    /// names; cookiecutter renders the whole path at once.
    pub(super) path: Vec<String>,
    /// What follows the rendered path as it is.
    pub(super) tail: String,
    pub(super) mode: FileMode,
    pub(super) treatment: Treatment,
}

/// What becomes of a unit's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// Rendered. It must be UTF-8.
    Render,
    /// Rendered if it is text; otherwise copied.
    RenderText,
    /// Copied.
    Copy,
    /// It has none: a directory.
    Directory,
}

/// A template as its layout describes it; the expressions in it are not checked yet.
pub(super) struct Draft {
    /// Where the template's own files are: of several templates in one place, those of one.
    pub(super) source: Arc<dyn Source>,
    pub(super) layout: Layout,
    pub(super) descriptor: Descriptor,
    pub(super) parameters: Vec<Parameter>,
    pub(super) notes: Vec<String>,
    /// The directory everything is made in, if the layout has one; rendered like a path.
    pub(super) top: Option<String>,
    pub(super) variables: Variables,
    pub(super) units: Vec<Unit>,
    pub(super) library: Library,
    pub(super) style: Style,
    pub(super) findings: Vec<Finding>,
}
