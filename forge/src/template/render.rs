use minijinja::Value as Dynamic;
use serde_json::{Map, Value};

use super::engine::Engine;
use super::layout::{Content, Unit};
use super::{Finding, ProjectFacts, RenderError, RenderProblem, Template};
use crate::source::{MAX_TOTAL_BYTES, SourceFile, check_tree};

impl Template {
    /// The project's files, sorted by path. Nothing depends on anything but the arguments.
    ///
    /// `parameters` is what [`Template::resolve`] gave. A file whose rendered path has an empty part is left out.
    pub fn render(
        &self,
        parameters: &Map<String, Value>,
        project: &ProjectFacts,
    ) -> Result<Vec<SourceFile>, RenderError> {
        let mut engine = Engine::new(self.style, &self.library);
        let evaluated = self
            .variables
            .evaluate(&self.parameters, parameters, project, &mut engine)
            .map_err(|findings| RenderError::from(first(findings)))?;
        let mut files = Vec::with_capacity(self.units.len());
        let mut total = 0_u64;
        for unit in &self.units {
            let Some(file) = self.render_unit(unit, &evaluated.context, &mut engine)? else { continue };
            total += file.content.len() as u64;
            if total > MAX_TOTAL_BYTES {
                let message = format!("the files would have more than {MAX_TOTAL_BYTES} bytes in all");
                return Err(RenderError::new(RenderProblem::TooLarge, &unit.origin, message));
            }
            files.push(file);
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        check_tree(&files)?;
        Ok(files)
    }

    /// Whether every file renders; the paths they render to are not looked at.
    pub(super) fn try_all<'a>(&'a self, context: &Dynamic, engine: &mut Engine<'a>) -> Vec<RenderError> {
        self.units.iter().filter_map(|unit| self.render_unit(unit, context, engine).err()).collect()
    }

    fn render_unit<'a>(
        &'a self,
        unit: &'a Unit,
        context: &Dynamic,
        engine: &mut Engine<'a>,
    ) -> Result<Option<SourceFile>, RenderError> {
        let pieces: Result<Vec<String>, RenderError> =
            unit.path.iter().map(|piece| engine.render(&unit.origin, piece, context)).collect();
        let pieces = pieces.map_err(|error| error.relocated(&unit.origin, "in the file's path"))?;
        // A part that renders to nothing leaves the file out. A value that begins with `/` is no such part:
        // it is refused with the finished tree.
        let is_absolute = pieces.first().is_some_and(|piece| piece.starts_with('/'));
        let path = pieces.join("/");
        if !is_absolute && path.split('/').any(str::is_empty) {
            return Ok(None);
        }
        let content = match &unit.content {
            Content::Text(text) => engine.render_file(&unit.origin, text, context)?.into_bytes(),
            Content::Bytes(bytes) => bytes.clone(),
        };
        Ok(Some(SourceFile { path: path + &unit.tail, mode: unit.mode, content }))
    }
}

fn first(findings: Vec<Finding>) -> Finding {
    let none = || Finding::new(super::FindingCode::InvalidParameterValue, "", "the parameters do not fit");
    findings.into_iter().next().unwrap_or_else(none)
}
