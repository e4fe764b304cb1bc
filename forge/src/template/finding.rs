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
    /// Something the renderer has no equivalent for.
    UnsupportedFeature,
}

/// One mistake, with the place to correct it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The kind.
    pub code: FindingCode,
    /// The template's file; empty for the template as a whole.
    pub path: String,
    /// From 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// In characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// A sentence for people.
    pub message: String,
}

impl Finding {
    /// A finding about a whole file.
    pub fn new(code: FindingCode, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, path: path.into(), line: None, column: None, message: message.into() }
    }

    pub(super) fn at(mut self, line: usize, column: usize) -> Self {
        self.line = u32::try_from(line).ok();
        self.column = u32::try_from(column).ok();
        self
    }
}
