//! What is wrong with a template: everything at once, each with the path it was found at.

use std::fmt;

/// One thing the embedded cloud cannot build from a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, from the template's root: `Resources.Bus.Properties.Name`.
    pub path: String,
    /// What.
    pub kind: ProblemKind,
}

/// Why a part of a template is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProblemKind {
    /// The text is not one YAML document, or not a mapping.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// A section, resource attribute or property that is neither read nor known to make no difference here.
    #[error("is not known here")]
    Unknown,
    /// A resource type that is neither built nor ignored.
    #[error("resource type {0} is not known here")]
    UnknownType(String),
    /// An event source that cannot be played here.
    #[error("event source {0} is not known here")]
    UnknownSource(String),
    /// An intrinsic function that cannot be evaluated here.
    #[error("{0} is not supported here")]
    UnknownIntrinsic(String),
    /// A known property with a value that would ask for other behaviour than the one offered.
    #[error("{found} is not supported here, only {supported}")]
    Unsupported {
        /// The value, as JSON.
        found: String,
        /// What would be accepted.
        supported: String,
    },
    /// A property without which the resource cannot be built.
    #[error("is missing")]
    Missing,
    /// A value of another shape than expected.
    #[error("must be {0}")]
    Shape(&'static str),
    /// An event pattern the matcher does not know.
    #[error("{0}")]
    Pattern(String),
    /// A name that stands for nothing: parameter, condition, resource or attribute.
    #[error("there is no {0}")]
    Dangling(String),
    /// A parameter without a value, or with one that is not allowed.
    #[error("{0}")]
    Parameter(String),
    /// Two resources or sources claim the same thing.
    #[error("{0} exists twice")]
    Duplicate(String),
}

/// Everything wrong with a template, never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackErrors(pub Vec<Problem>);

impl fmt::Display for StackErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the template asks for what this cloud cannot build")?;
        self.0.iter().try_for_each(|problem| write!(formatter, "\n  {problem}"))
    }
}

impl std::error::Error for StackErrors {}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.path, self.kind)
    }
}

impl Problem {
    pub(super) fn new(path: impl Into<String>, kind: ProblemKind) -> Self {
        Self { path: path.into(), kind }
    }
}
