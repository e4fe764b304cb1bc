//! Reads a template's tokens; what both expressions and statements need.

use super::emit::Rewritten;
use super::style::Style;
use super::token::{Misuse, Placed, Token};

/// How deep expressions and statements may nest: within a worker thread's stack.
const MAX_NESTING: usize = 60;

pub(super) struct Parser<'t, 's> {
    pub(super) tokens: &'t [Placed<'s>],
    pub(super) position: usize,
    pub(super) end: usize,
    pub(super) depth: usize,
    pub(super) style: &'t Style,
    pub(super) out: Rewritten,
}

impl<'s> Parser<'_, 's> {
    pub(super) fn peek(&self) -> Option<&Token<'s>> {
        self.tokens.get(self.position).map(|placed| &placed.token)
    }

    /// Where the next token begins.
    pub(super) fn at(&self) -> usize {
        self.tokens.get(self.position).map_or(self.end, |placed| placed.at)
    }

    pub(super) fn is(&self, operator: &str) -> bool {
        matches!(self.peek(), Some(Token::Operator(found)) if *found == operator)
    }

    pub(super) fn is_name(&self, name: &str) -> bool {
        matches!(self.peek(), Some(Token::Name(found)) if *found == name)
    }

    pub(super) fn skip(&mut self, operator: &str) -> bool {
        let is = self.is(operator);
        self.position += usize::from(is);
        is
    }

    pub(super) fn skip_name(&mut self, name: &str) -> bool {
        let is = self.is_name(name);
        self.position += usize::from(is);
        is
    }

    pub(super) fn expect(&mut self, operator: &'static str) -> Result<(), Misuse> {
        if self.skip(operator) { Ok(()) } else { Err(self.unexpected(&format!("`{operator}`"))) }
    }

    pub(super) fn expect_name(&mut self, name: &str) -> Result<(), Misuse> {
        if self.skip_name(name) { Ok(()) } else { Err(self.unexpected(&format!("`{name}`"))) }
    }

    pub(super) fn expect_end(&mut self, end: &Token<'_>) -> Result<(), Misuse> {
        if self.peek() == Some(end) {
            self.position += 1;
            return Ok(());
        }
        Err(self.unexpected(if *end == Token::BlockEnd {
            "the end of the statement"
        } else {
            "the end of the print"
        }))
    }

    /// Any name.
    pub(super) fn name(&mut self) -> Result<&'s str, Misuse> {
        match self.peek() {
            Some(Token::Name(name)) if name.is_ascii() => {
                let name = *name;
                self.position += 1;
                Ok(name)
            }
            Some(Token::Name(_)) => {
                Err(Misuse::new(self.at(), "names must be of letters of ASCII, digits and `_`"))
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    pub(super) fn unexpected(&self, expected: &str) -> Misuse {
        let found = match self.peek() {
            None => "end of the template".to_owned(),
            Some(Token::Data(_)) => "text".to_owned(),
            Some(Token::BlockStart | Token::PrintStart) => "start of a mark".to_owned(),
            Some(Token::BlockEnd) => "end of the statement".to_owned(),
            Some(Token::PrintEnd) => "end of the print".to_owned(),
            Some(Token::Name(name)) => format!("`{name}`"),
            Some(Token::Text(_)) => "string".to_owned(),
            Some(Token::Integer(number) | Token::Float(number)) => format!("number {number}"),
            Some(Token::Operator(operator)) => format!("`{operator}`"),
        };
        Misuse::new(self.at(), format!("unexpected {found}, expected {expected}"))
    }

    pub(super) fn too_long(&self) -> Misuse {
        Misuse::new(self.at(), "the expression is too long")
    }

    /// One level deeper.
    pub(super) fn nested<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, Misuse>,
    ) -> Result<T, Misuse> {
        if self.depth >= MAX_NESTING {
            return Err(Misuse::new(self.at(), "the template is nested too deeply"));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }
}
