use minijinja::Value as Dynamic;
use serde_json::{Map, Value};

use super::engine::Engine;
use super::layout::{Treatment, Unit};
use super::{Finding, Layout, ProjectFacts, RenderError, RenderProblem, Template, python};
use crate::source::{FileMode, SourceFile, Tree};

/// One thing a rendering made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// A directory, by its path. It may stay empty.
    Directory(String),
    /// A file. The directories it stands in are not told of before.
    File {
        /// Path, mode and bytes.
        file: SourceFile,
        /// The exact permissions of the template's own file, where it stood on a file system that has them.
        permissions: Option<u32>,
    },
}

impl Template {
    /// The project's files, sorted by path. Nothing depends on anything but the arguments.
    ///
    /// `parameters` is what [`Template::resolve`] gave. A file whose rendered path has an empty part is left out.
    pub fn render(
        &self,
        parameters: &Map<String, Value>,
        project: &ProjectFacts,
    ) -> Result<Vec<SourceFile>, RenderError> {
        let mut files = Vec::with_capacity(self.units.len());
        self.render_each(parameters, project, &mut |made| {
            if let Made::File { file, .. } = made {
                files.push(file);
            }
            Ok(())
        })?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// Renders file after file into `sink`, which may refuse: in memory is one of them at a time.
    pub fn render_each(
        &self,
        parameters: &Map<String, Value>,
        project: &ProjectFacts,
        sink: &mut dyn FnMut(Made) -> Result<(), RenderError>,
    ) -> Result<(), RenderError> {
        let mut engine = Engine::with_chance(&self.style, &self.library, self.limits, project.chance);
        let evaluated = self
            .variables
            .evaluate(&self.parameters, parameters, project, &mut engine)
            .map_err(|findings| RenderError::from(first(findings)))?;
        let mut tree = Tree::new(self.limits);
        for unit in &self.units {
            let Some(made) = self.make(unit, &evaluated.context, &mut engine)? else { continue };
            match &made {
                Made::Directory(path) => tree.admit_directory(path)?,
                Made::File { file, .. } => tree.admit(file)?,
            }
            sink(made)?;
        }
        Ok(())
    }

    /// The rendered name of the directory that everything is made in. A native template's is the project's slug.
    pub fn top(
        &self,
        parameters: &Map<String, Value>,
        project: &ProjectFacts,
    ) -> Result<String, RenderError> {
        let Some(top) = &self.top else { return Ok(project.slug.clone()) };
        let mut engine = Engine::with_chance(&self.style, &self.library, self.limits, project.chance);
        let evaluated = self
            .variables
            .evaluate(&self.parameters, parameters, project, &mut engine)
            .map_err(|findings| RenderError::from(first(findings)))?;
        let in_name = |error: RenderError| error.relocated(top, "in the directory's name");
        engine.render(top, top, &evaluated.context).map_err(in_name)
    }

    /// How many files and directories a rendering makes at most.
    pub fn size(&self) -> usize {
        self.units.len()
    }

    /// Whether every file renders; the paths they render to are not looked at.
    /// Only files of which `is_wanted` says so, by their paths in the template.
    pub(super) fn try_all(
        &self,
        context: &Dynamic,
        engine: &mut Engine,
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> Vec<RenderError> {
        let units = self.units.iter().filter(|unit| is_wanted(&unit.origin));
        units.filter_map(|unit| self.make(unit, context, engine).err()).collect()
    }

    fn make(&self, unit: &Unit, context: &Dynamic, engine: &mut Engine) -> Result<Option<Made>, RenderError> {
        let Some(path) = self.path(unit, context, engine)? else { return Ok(None) };
        if unit.treatment == Treatment::Directory {
            return Ok(Some(Made::Directory(path)));
        }
        let content = match self.content(unit)? {
            Content::Text(text) => engine.render_file(&unit.origin, &text, context)?.into_bytes(),
            Content::Bytes(bytes) => bytes,
        };
        let permissions = self.source.entries().get(unit.at).and_then(|entry| entry.permissions);
        Ok(Some(Made::File { file: SourceFile { path, mode: unit.mode, content }, permissions }))
    }

    fn path(
        &self,
        unit: &Unit,
        context: &Dynamic,
        engine: &mut Engine,
    ) -> Result<Option<String>, RenderError> {
        let pieces: Result<Vec<String>, RenderError> =
            unit.path.iter().map(|piece| engine.render(&unit.origin, piece, context)).collect();
        let pieces = pieces.map_err(|error| error.relocated(&unit.origin, "in the file's path"))?;
        // A part that renders to nothing leaves the file out. A value that begins with `/` is no such part:
        // it is refused with the finished tree.
        let is_absolute = pieces.first().is_some_and(|piece| piece.starts_with('/'));
        let path = pieces.join("/");
        let is_left_out = !is_absolute && path.split('/').any(str::is_empty);
        Ok((!is_left_out).then(|| path + &unit.tail))
    }

    /// A unit's content, as it is before it is rendered.
    pub(super) fn content(&self, unit: &Unit) -> Result<Content, RenderError> {
        content(&*self.source, self.layout, unit)
    }
}

/// What is in a file of a template.
pub(super) enum Content {
    /// To be rendered.
    Text(String),
    /// To be copied.
    Bytes(Vec<u8>),
}

fn content(source: &dyn crate::source::Source, layout: Layout, unit: &Unit) -> Result<Content, RenderError> {
    let bytes = source
        .read(unit.at)
        .map_err(|error| RenderError { path: unit.origin.clone(), ..RenderError::from(error) })?;
    match unit.treatment {
        Treatment::Copy | Treatment::Directory => Ok(Content::Bytes(bytes)),
        Treatment::RenderText if python::is_binary(&unit.origin, &bytes) => Ok(Content::Bytes(bytes)),
        Treatment::Render | Treatment::RenderText => {
            String::from_utf8(bytes).map(Content::Text).map_err(|_| {
                let message = match (layout, unit.mode) {
                    (Layout::Native, FileMode::Symlink) => "a symbolic link's target must be UTF-8",
                    _ => "a rendered file must be UTF-8",
                };
                RenderError::new(RenderProblem::NotText, &unit.origin, message)
            })
        }
    }
}

fn first(findings: Vec<Finding>) -> Finding {
    let none = || Finding::new(super::FindingCode::InvalidParameterValue, "", "the parameters do not fit");
    findings.into_iter().next().unwrap_or_else(none)
}
