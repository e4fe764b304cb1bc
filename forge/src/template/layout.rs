use std::collections::BTreeMap;
use std::sync::Arc;

use skafu_events::template::Parameter;

pub(super) use super::python::Style;
use super::variables::Variables;
use super::{Descriptor, Finding, Layout};
use crate::source::FileMode;

/// Texts by the name under which `include`, `import` and `extends` find them.
pub(super) type Library = Arc<BTreeMap<String, String>>;

/// One file to make.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    /// The template's file, for errors.
    pub(super) origin: String,
    /// The path in pieces that are rendered one by one and joined by `/`. A native template's pieces are
    /// names; cookiecutter renders the whole path at once.
    pub(super) path: Vec<String>,
    /// What follows the rendered path as it is.
    pub(super) tail: String,
    pub(super) mode: FileMode,
    pub(super) content: Content,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    /// Rendered.
    Text(String),
    /// Copied.
    Bytes(Vec<u8>),
}

/// A template as its layout describes it; the expressions in it are not checked yet.
pub(super) struct Draft {
    pub(super) layout: Layout,
    pub(super) descriptor: Descriptor,
    pub(super) parameters: Vec<Parameter>,
    pub(super) notes: Vec<String>,
    pub(super) variables: Variables,
    pub(super) units: Vec<Unit>,
    pub(super) library: Library,
    pub(super) style: Style,
    pub(super) findings: Vec<Finding>,
}
