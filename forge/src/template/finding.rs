use serde::{Deserialize, Serialize};

/// What kind of mistake a template or its parameters have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FindingCode {
    /// A file the layout needs, or an included one, is not there.
    MissingRequiredFile,
    /// A path that may not stand in a repository.
    InvalidFilePath,
    /// Too large, not text, not JSON, or rendering it does not end.
    InvalidFileContent,
    /// A type that does not exist.
    InvalidParameterType,
    /// A default that does not fit its parameter.
    InvalidParameterDefault,
    /// A given value that does not fit, or a name nobody asks for.
    InvalidParameterValue,
    /// Nothing given for a parameter that needs a value.
    MissingRequiredParameter,
    /// A name that is taken.
    DuplicateParameterName,
    /// An expression that cannot be parsed, or fails on the template's own defaults.
    InvalidTemplateSyntax,
    /// The description of the template does not have the right form.
    InvalidJsonSchema,
    /// A default or a condition refers to a parameter that is not settled before it.
    CircularDependency,
    /// Something the renderer has no equivalent for.
    UnsupportedFeature,
    /// A parameter that changes nothing.
    UnusedParameter,
    /// A text that is larger than texts people read.
    LargeFileSize,
    /// Something that has a better successor.
    DeprecatedFeature,
    /// Something people need to be told and are not.
    MissingDocumentation,
    /// A chosen runtime that AWS no longer supports.
    RuntimeDeprecated,
}

impl FindingCode {
    /// How grave findings of this kind are, unless the finding itself says otherwise.
    pub fn severity(self) -> Severity {
        match self {
            Self::UnusedParameter
            | Self::LargeFileSize
            | Self::DeprecatedFeature
            | Self::MissingDocumentation
            | Self::RuntimeDeprecated => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

/// Whether a finding stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The template cannot be used.
    Error,
    /// The template can be used; its author should look.
    Warning,
}

/// One mistake, with the place to correct it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The kind.
    pub code: FindingCode,
    /// How grave it is.
    pub severity: Severity,
    /// The template's file; empty for the template as a whole.
    pub path: String,
    /// From 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// In characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The parameter it is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// A sentence for people.
    pub message: String,
}

impl Finding {
    /// A finding about a whole file.
    pub fn new(code: FindingCode, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: code.severity(),
            code,
            path: path.into(),
            line: None,
            column: None,
            parameter: None,
            message: message.into(),
        }
    }

    /// Whether it stands in the way.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    pub(super) fn at(mut self, line: usize, column: usize) -> Self {
        self.line = u32::try_from(line).ok();
        self.column = u32::try_from(column).ok();
        self
    }

    /// At a place, if it is known.
    pub(super) fn placed(self, place: Option<(usize, usize)>) -> Self {
        match place {
            Some((line, column)) => self.at(line, column),
            None => self,
        }
    }

    pub(super) fn about(mut self, parameter: &str) -> Self {
        self.parameter = Some(parameter.to_owned());
        self
    }

    pub(super) fn into_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }
}
