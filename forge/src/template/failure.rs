use std::error::Error as _;
use std::fmt;

use minijinja::{Error, ErrorKind};
use serde::{Deserialize, Serialize};

use super::{Finding, FindingCode};
use crate::source::{SourceError, TreeProblem};

/// What kind of thing stopped a rendering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RenderProblem {
    /// It cannot be parsed.
    Syntax,
    /// It uses a filter, a test, a function, a method or a statement that does not exist here.
    Unsupported,
    /// It names a file the template does not have.
    MissingFile,
    /// An expression failed, most often on an unknown name.
    Evaluation,
    /// It took more steps than a rendering may take.
    OutOfFuel,
    /// It made more bytes or files than a rendering may make.
    TooLarge,
    /// What was rendered cannot stand together in a repository.
    Tree,
    /// A parameter's value is missing or does not fit.
    Parameter,
    /// A file that is to be rendered is no text.
    NotText,
    /// The template's files cannot be read (any more).
    Source,
    /// What was rendered cannot be written where it should stand.
    Output,
    /// It took longer, or more memory, than a rendering may take, and was stopped from outside.
    Stopped,
}

/// Why a template was not rendered. Trying again with the same input fails again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderError {
    /// The kind.
    pub problem: RenderProblem,
    /// The template's file, or the rendered path if that is what is wrong.
    pub path: String,
    /// From 1.
    pub line: Option<u32>,
    /// In characters, from 1.
    pub column: Option<u32>,
    /// A sentence for people.
    pub message: String,
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        // It is not always a file that is to blame.
        let between = if self.path.is_empty() { "" } else { ": " };
        write!(f, "{between}{}", self.message)
    }
}

impl std::error::Error for RenderError {}

impl RenderError {
    pub(crate) fn new(problem: RenderProblem, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { problem, path: path.into(), line: None, column: None, message: message.into() }
    }

    /// What the engine reported. `locate` gives line and column of a place in a template by its name.
    pub(super) fn from_engine(error: &Error, locate: impl Fn(&str, Place) -> Option<(u32, u32)>) -> Self {
        let error = innermost(error);
        let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
        let path = error.name().unwrap_or_default().to_owned();
        let place = error.range().map(|range| Place::Offset(range.start));
        let (line, column) =
            place.or(error.line().map(Place::Line)).and_then(|place| locate(&path, place)).unzip();
        Self { problem: problem(error), line, column, path, message: format!("{}{detail}", error.kind()) }
    }

    /// The failing expression is not in a file's text but, say, in its name.
    pub(super) fn relocated(mut self, path: &str, place: &str) -> Self {
        (self.line, self.column) = (None, None);
        self.path = path.to_owned();
        self.message = format!("{place}: {}", self.message);
        self
    }
}

/// An error in an included file is the source of the error in the file that includes it.
fn innermost(error: &Error) -> &Error {
    let mut inner = error;
    while let Some(next) = inner.source().and_then(|source| source.downcast_ref::<Error>()) {
        inner = next;
    }
    inner
}

fn problem(error: &Error) -> RenderProblem {
    match error.kind() {
        ErrorKind::SyntaxError if error.detail().is_some_and(|d| d.starts_with("unknown statement")) => {
            RenderProblem::Unsupported
        }
        ErrorKind::SyntaxError | ErrorKind::BadEscape => RenderProblem::Syntax,
        ErrorKind::UnknownFilter
        | ErrorKind::UnknownTest
        | ErrorKind::UnknownFunction
        | ErrorKind::UnknownMethod => RenderProblem::Unsupported,
        ErrorKind::TemplateNotFound => RenderProblem::MissingFile,
        ErrorKind::OutOfFuel => RenderProblem::OutOfFuel,
        ErrorKind::WriteFailure => RenderProblem::TooLarge,
        _ => RenderProblem::Evaluation,
    }
}

/// Where the engine saw an error.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// In bytes.
    Offset(usize),
    /// From 1.
    Line(usize),
}

impl Place {
    pub(super) fn offset(self, text: &str) -> Option<usize> {
        match self {
            Self::Offset(offset) => Some(offset),
            Self::Line(line) => text
                .split_inclusive('\n')
                .take(line.checked_sub(1)?)
                .map(str::len)
                .reduce(|a, b| a + b)
                .or(Some(0)),
        }
    }
}

impl From<SourceError> for RenderError {
    fn from(error: SourceError) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            message.push_str(&format!(": {error}"));
            cause = error.source();
        }
        Self::new(RenderProblem::Source, "", message)
    }
}

impl From<TreeProblem> for RenderError {
    fn from(problem: TreeProblem) -> Self {
        let (path, kind) = match &problem {
            TreeProblem::TooManyFiles(_) | TreeProblem::TooManyBytes(_) => {
                (String::new(), RenderProblem::TooLarge)
            }
            TreeProblem::FileTooLarge { path, .. } => (path.clone(), RenderProblem::TooLarge),
            TreeProblem::Path { path, .. }
            | TreeProblem::Link { path, .. }
            | TreeProblem::Collision(path)
            | TreeProblem::FileAndDirectory { file: path, .. } => (path.clone(), RenderProblem::Tree),
        };
        let cause = std::error::Error::source(&problem).map(|cause| format!(": {cause}")).unwrap_or_default();
        Self::new(kind, path, format!("{problem}{cause}"))
    }
}

impl From<RenderError> for Finding {
    fn from(error: RenderError) -> Self {
        let code = match error.problem {
            RenderProblem::Syntax | RenderProblem::Evaluation => FindingCode::InvalidTemplateSyntax,
            RenderProblem::Unsupported => FindingCode::UnsupportedFeature,
            RenderProblem::MissingFile => FindingCode::MissingRequiredFile,
            RenderProblem::OutOfFuel
            | RenderProblem::TooLarge
            | RenderProblem::NotText
            | RenderProblem::Source
            | RenderProblem::Output
            | RenderProblem::Stopped => FindingCode::InvalidFileContent,
            RenderProblem::Tree => FindingCode::InvalidFilePath,
            RenderProblem::Parameter => FindingCode::InvalidParameterValue,
        };
        Self { line: error.line, column: error.column, ..Self::new(code, error.path, error.message) }
    }
}

impl From<Finding> for RenderError {
    fn from(finding: Finding) -> Self {
        let problem = match finding.code {
            FindingCode::UnsupportedFeature => RenderProblem::Unsupported,
            FindingCode::InvalidTemplateSyntax => RenderProblem::Evaluation,
            _ => RenderProblem::Parameter,
        };
        Self {
            problem,
            path: finding.path,
            line: finding.line,
            column: finding.column,
            message: finding.message,
        }
    }
}
