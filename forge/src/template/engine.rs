use std::io;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

use super::layout::Style;
use super::library::Library;
use super::{RenderError, RenderProblem, filters};
use crate::source::Limits;

/// How deep macros and includes may nest: within a worker thread's stack.
const MAX_DEPTH: usize = 100;

/// Renders texts, within one budget of steps and with bounded files. No file system, no network, no clock, no
/// randomness. What an expression holds in memory is not bounded: a template that doubles a text again and again
/// is stopped by the process's own limit only.
pub(super) struct Engine {
    environment: Environment<'static>,
    library: Library,
    limits: Limits,
    fuel: u64,
}

impl Engine {
    pub(super) fn new(style: Style, library: &Library, limits: Limits) -> Self {
        let mut environment = Environment::new();
        // Includes come from the template alone.
        let texts = library.clone();
        environment.set_loader(move |name| {
            let unreadable = "the template's file cannot be read";
            texts
                .text(name)
                .map_err(|error| Error::new(ErrorKind::InvalidOperation, unreadable).with_source(error))
        });
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_recursion_limit(MAX_DEPTH);
        environment.set_debug(true);
        let mut syntax = SyntaxConfig::builder();
        syntax.trim_blocks(style.trim_blocks).lstrip_blocks(style.lstrip_blocks).keep_trailing_newline(true);
        // Only delimiters can be wrong, and these are the usual ones.
        if let Ok(syntax) = syntax.build() {
            environment.set_syntax(syntax);
        }
        filters::add(&mut environment);
        Self { environment, library: library.clone(), limits, fuel: limits.fuel }
    }

    /// Whether the text can be parsed.
    pub(super) fn check(&self, name: &str, text: &str) -> Result<(), RenderError> {
        self.environment
            .template_from_named_str(name, text)
            .map(drop)
            .map_err(|error| self.failure(&error, name, text))
    }

    /// Renders the text. `name` is for errors.
    pub(super) fn render(&mut self, name: &str, text: &str, context: &Value) -> Result<String, RenderError> {
        if !is_dynamic(text) {
            return Ok(text.to_owned());
        }
        self.environment.set_fuel(Some(self.fuel));
        let template = self
            .environment
            .template_from_named_str(name, text)
            .map_err(|error| self.failure(&error, name, text))?;
        let mut output = Bounded { bytes: Vec::with_capacity(text.len()), limit: self.limits.file_bytes };
        let rendered = template.render_captured_to(context.clone(), &mut output);
        let left = match &rendered {
            Ok(captured) => captured.state().fuel_levels().map_or(0, |(_, left)| left),
            Err(error) => return Err(self.failure(error, name, text)),
        };
        drop(rendered);
        self.fuel = left;
        String::from_utf8(output.bytes)
            .map_err(|_| RenderError::new(RenderProblem::Evaluation, name, "the output is not UTF-8"))
    }

    fn failure(&self, error: &minijinja::Error, name: &str, text: &str) -> RenderError {
        let failure = RenderError::from_engine(error, |other| {
            if other == name { Some(text.to_owned()) } else { self.library.text(other).ok().flatten() }
        });
        match failure.problem {
            RenderProblem::TooLarge => RenderError {
                message: format!("the file would have more than {} bytes", self.limits.file_bytes),
                ..failure
            },
            _ => failure,
        }
    }
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
