//! What a template is rewritten to: the same template for the engine below, and where each part came from.

use minijinja::Error;
use minijinja::syntax::SyntaxConfig;

use super::literal;

/// Marks that no template has: whatever holds the first character is printed as a text.
const RESERVED: char = '\u{1}';
const BLOCK: (&str, &str) = ("\u{1}%", "%\u{1}");
const PRINT: (&str, &str) = ("\u{1}{", "}\u{1}");
const COMMENT: (&str, &str) = ("\u{1}#", "#\u{1}");

/// How the engine below reads what is made here.
pub(super) fn syntax() -> Result<SyntaxConfig, Error> {
    let mut builder = SyntaxConfig::builder();
    builder.block_delimiters(BLOCK.0, BLOCK.1).variable_delimiters(PRINT.0, PRINT.1);
    builder.comment_delimiters(COMMENT.0, COMMENT.1).keep_trailing_newline(true);
    builder.build()
}

/// What an expression is at its top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Call,
    Number,
    /// A filter's result, which nothing may follow without parentheses.
    Filtered,
    Other,
}

/// An expression, rewritten so that it can stand anywhere without parentheses.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pieces: Vec<(usize, String)>,
    pub(super) kind: Kind,
}

impl Code {
    pub(super) fn new(at: usize, text: impl Into<String>) -> Self {
        Self { pieces: vec![(at, text.into())], kind: Kind::Other }
    }

    pub(super) fn of(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// So that attributes and subscripts can follow.
    pub(super) fn wrapped(self) -> Self {
        match self.kind {
            Kind::Number | Kind::Filtered => Self::new(self.at(), "(").then(self).text(")"),
            Kind::Call | Kind::Other => self,
        }
    }

    /// Where it begins in the source.
    pub(super) fn at(&self) -> usize {
        self.pieces.first().map_or(0, |(at, _)| *at)
    }

    pub(super) fn text(mut self, text: &str) -> Self {
        match self.pieces.last_mut() {
            Some((_, last)) => last.push_str(text),
            None => self.pieces.push((0, text.to_owned())),
        }
        self.of(Kind::Other)
    }

    pub(super) fn then(mut self, other: Self) -> Self {
        self.pieces.extend(other.pieces);
        self.of(Kind::Other)
    }

    /// The expressions with the separator between them.
    pub(super) fn list(mut self, items: Vec<Self>, separator: &str) -> Self {
        for (index, item) in items.into_iter().enumerate() {
            self = if index > 0 { self.text(separator) } else { self };
            self = self.then(item);
        }
        self
    }

    pub(super) fn call(at: usize, function: &str, arguments: Vec<Self>) -> Self {
        Self::new(at, format!("{function}(")).list(arguments, ", ").text(")")
    }
}

/// A rewritten template.
#[derive(Debug, Default)]
pub(in crate::template) struct Rewritten {
    pub(in crate::template) text: String,
    /// Where parts begin: here, and in the source. In order.
    origins: Vec<(usize, usize)>,
}

impl Rewritten {
    /// The place in the source of a place in the text.
    pub(in crate::template) fn origin(&self, at: usize) -> usize {
        let after = self.origins.partition_point(|(here, _)| *here <= at);
        after.checked_sub(1).and_then(|index| self.origins.get(index)).map_or(0, |(_, there)| *there)
    }

    pub(super) fn push(&mut self, at: usize, text: &str) {
        self.origins.push((self.text.len(), at));
        self.text.push_str(text);
    }

    fn code(&mut self, code: &Code) {
        for (at, text) in &code.pieces {
            self.push(*at, text);
        }
    }

    pub(super) fn data(&mut self, at: usize, data: &str, new_line: &str) {
        let data = if new_line == "\n" { data.to_owned() } else { data.replace('\n', new_line) };
        if data.contains(RESERVED) {
            self.print(&Code::new(at, literal::quoted(&data)));
        } else {
            self.push(at, &data);
        }
    }

    pub(super) fn print(&mut self, code: &Code) {
        self.push(code.at(), PRINT.0);
        self.text.push(' ');
        self.code(code);
        self.text.push(' ');
        self.text.push_str(PRINT.1);
    }

    pub(super) fn statement(&mut self, code: &Code) {
        self.push(code.at(), BLOCK.0);
        self.text.push(' ');
        self.code(code);
        self.text.push(' ');
        self.text.push_str(BLOCK.1);
    }

    pub(super) fn tag(&mut self, at: usize, text: &str) {
        self.statement(&Code::new(at, text));
    }
}
