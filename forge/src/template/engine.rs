use std::io;

use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

use super::library::{Library, LibraryError};
use super::position::place;
use super::python::{self, Chance, Misuse, NewLines, Style};
use super::{RenderError, RenderProblem, filters};
use crate::source::Limits;

/// Under what name the engine knows the text that is being rendered; no file has it.
const CURRENT: &str = "\0";

/// Renders texts, within one budget of steps and with bounded files. No file system, no network; the
/// clock and what is random are given. What an expression holds in memory is not bounded: a template that doubles a text again and again
/// is stopped by the process's own limit, which [`crate::sandbox`] sets.
pub(super) struct Engine {
    environment: Environment<'static>,
    library: Library,
    style: Style,
    limits: Limits,
    fuel: u64,
}

/// A text of the library that is no template.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.message)]
struct Unreadable(Misuse);

impl Engine {
    pub(super) fn new(style: &Style, library: &Library, limits: Limits) -> Self {
        Self::with_chance(style, library, limits, Chance::default())
    }

    /// With a clock and a seed; without, it is 1970 and the seed is nought.
    pub(super) fn with_chance(style: &Style, library: &Library, limits: Limits, chance: Chance) -> Self {
        let mut environment = Environment::new();
        // Includes come from the template alone.
        let (texts, of_texts) = (library.clone(), *style);
        environment.set_loader(move |name| found(&texts, &of_texts, name));
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_recursion_limit(limits.depth);
        environment.set_debug(true);
        filters::add(&mut environment);
        python::install(&mut environment, style, chance);
        Self { environment, library: library.clone(), style: *style, limits, fuel: limits.fuel }
    }

    /// Whether the text can be parsed.
    pub(super) fn check(&self, name: &str, text: &str) -> Result<(), RenderError> {
        let rewritten = self.rewritten(name, text)?;
        python::check(&rewritten.text).map_err(|error| self.failure(&error, name, text))
    }

    /// Renders a file's text; its lines end as they did, unless the style says otherwise.
    pub(super) fn render_file(
        &mut self,
        name: &str,
        text: &str,
        context: &Value,
    ) -> Result<String, RenderError> {
        let ends = self.style.file_new_line.map_or_else(|| NewLines::of(text.as_bytes()), NewLines::all);
        self.render(name, text, context).map(|rendered| ends.apply(rendered))
    }

    /// Renders the text. `name` is for errors.
    pub(super) fn render(&mut self, name: &str, text: &str, context: &Value) -> Result<String, RenderError> {
        let rewritten = self.rewritten(name, text)?;
        self.environment.set_fuel(Some(self.fuel));
        let added = self.environment.add_template_owned(CURRENT, rewritten.text);
        added.map_err(|error| self.failure(&error, name, text))?;
        let mut output = Bounded { bytes: Vec::with_capacity(text.len()), limit: self.limits.file_bytes };
        let rendered = self.environment.get_template(CURRENT);
        let rendered = rendered.and_then(|template| {
            let captured = template.render_captured_to(context.clone(), &mut output)?;
            Ok(captured.state().fuel_levels().map_or(0, |(_, left)| left))
        });
        let left = rendered.map_err(|error| self.failure(&error, name, text));
        self.environment.remove_template(CURRENT);
        // What a failure took is told only where it took all.
        if matches!(&left, Err(error) if error.problem == RenderProblem::OutOfFuel) {
            self.fuel = 0;
        }
        self.fuel = left?;
        String::from_utf8(output.bytes)
            .map_err(|_| RenderError::new(RenderProblem::Evaluation, name, "the output is not UTF-8"))
    }

    fn rewritten(&self, name: &str, text: &str) -> Result<python::Rewritten, RenderError> {
        let source = python::normalized(text, self.style.keep_trailing_newline);
        python::rewritten(&source, &self.style).map_err(|misuse| misused(&misuse, name, &source))
    }

    fn failure(&self, error: &Error, name: &str, text: &str) -> RenderError {
        let text_of = |path: &str| {
            if path == name || path == CURRENT {
                Some(text.to_owned())
            } else {
                self.library.text(path).ok().flatten()
            }
        };
        let mut cause = std::error::Error::source(error);
        let mut path = error.name();
        while let Some(source) = cause {
            if let Some(Unreadable(misuse)) = source.downcast_ref() {
                let path = path.filter(|path| *path != CURRENT).unwrap_or(name);
                return misused(misuse, path, &python::normalized(&text_of(path).unwrap_or_default(), true));
            }
            path = source.downcast_ref::<Error>().and_then(Error::name).or(path);
            cause = source.source();
        }
        let mut failure = RenderError::from_engine(error, |path, place| {
            let source = python::normalized(&text_of(path)?, self.style.keep_trailing_newline);
            let rewritten = python::rewritten(&source, &self.style).ok()?;
            let offset = place.offset(&rewritten.text)?;
            position(&source, rewritten.origin(offset))
        });
        if failure.path == CURRENT {
            name.clone_into(&mut failure.path);
        }
        match failure.problem {
            RenderProblem::TooLarge => RenderError {
                message: format!("the file would have more than {} bytes", self.limits.file_bytes),
                ..failure
            },
            _ => failure,
        }
    }
}

/// A text of the library by the name a template gives, which may have empty parts and dots.
fn found(texts: &Library, style: &Style, name: &str) -> Result<Option<String>, Error> {
    let text = texts.text(name).map_err(|error| {
        let message = match &error {
            LibraryError::Source(_) => "the template's file cannot be read".to_owned(),
            LibraryError::NotText(_) => error.to_string(),
        };
        Error::new(ErrorKind::InvalidOperation, message).with_source(error)
    })?;
    let Some(text) = text else { return Ok(None) };
    let source = python::normalized(&text, style.keep_trailing_newline);
    match python::rewritten(&source, style) {
        Ok(rewritten) => Ok(Some(rewritten.text)),
        Err(misuse) => {
            let error = Error::new(ErrorKind::SyntaxError, misuse.message.clone());
            Err(error.with_source(Unreadable(misuse)))
        }
    }
}

fn misused(misuse: &Misuse, path: &str, source: &str) -> RenderError {
    let problem =
        if misuse.is_unknown_statement { RenderProblem::Unsupported } else { RenderProblem::Syntax };
    let (line, column) = position(source, misuse.at).unzip();
    let message = format!("syntax error: {}", misuse.message);
    RenderError { line, column, ..RenderError::new(problem, path, message) }
}

/// Line and column of a place, as errors have them.
fn position(text: &str, offset: usize) -> Option<(u32, u32)> {
    let (line, column) = place(text, offset)?;
    Some((u32::try_from(line).ok()?, u32::try_from(column).ok()?))
}

/// Whether a text has anything to render.
pub(super) fn is_dynamic(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|delimiter| text.contains(delimiter))
}

struct Bounded {
    bytes: Vec<u8>,
    limit: u64,
}

impl io::Write for Bounded {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        if (self.bytes.len() + part.len()) as u64 > self.limit {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.bytes.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
