use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Inspection;
use crate::source::{FileMode, Limits};
use crate::template::{Finding, ProjectFacts, RenderError};

/// What a worker is asked to do. The files of the first three follow.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Task {
    Inspect,
    Resolve { given: Map<String, Value>, project: ProjectFacts },
    Render { parameters: Map<String, Value>, project: ProjectFacts },
    RenderInto(RenderInto),
    InspectAt { source: PathBuf, scratch: PathBuf },
}

/// A template somewhere on this machine, to be rendered into a directory.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RenderInto {
    /// A directory, a zip archive or a git bundle.
    pub source: PathBuf,
    /// An existing directory for what is made on the way; removed by the caller.
    pub scratch: PathBuf,
    /// An existing directory where the rendering is made; removed by the caller if it failed.
    pub staging: PathBuf,
    /// Where the rendered top directory will stand; it must not be there already.
    pub out: PathBuf,
    /// Values as text, read by each parameter's type.
    pub given: Vec<(String, String)>,
}

/// What [`RenderInto`] made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// The name of the top directory.
    pub top: String,
    /// How many files.
    pub files: u64,
    /// Their bytes in all.
    pub bytes: u64,
    /// What its author should know, such as hooks that were not run.
    pub notes: Vec<String>,
    /// What whoever chose the values should look at.
    pub warnings: Vec<Finding>,
}

/// What the worker limits itself to, before it reads anything else.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Bounds {
    pub(super) limits: Limits,
    /// In bytes of address space.
    pub(super) memory: u64,
    /// In seconds of processor time.
    pub(super) seconds: u64,
    /// The most bytes of a file that is written: of what a bundle is unpacked into, if it is larger than what is made.
    pub(super) written: u64,
}

/// What goes between the two processes: a line of JSON, and after `File` as many bytes as it says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Frame {
    Bounds(Bounds),
    Task(Box<Task>),
    File {
        path: String,
        mode: FileMode,
        size: u64,
    },
    /// No file follows.
    End,
    /// So much is done, of so much.
    Progress {
        done: u64,
        total: u64,
    },
    Answer(Answer),
}

/// How a task ended. Rendered files came before.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    Inspected(Inspection),
    Resolved(Map<String, Value>),
    Rendered,
    RenderedInto(Rendered),
    Findings(Vec<Finding>),
    Failed(RenderError),
}
