//! Statements about other templates and their blocks.

use super::emit::Code;
use super::parser::Parser;
use super::statements::Done;
use super::token::{Misuse, Token};

impl Parser<'_, '_> {
    pub(super) fn named_block(&mut self, at: usize) -> Done {
        let name = self.name()?;
        let scoped = if self.skip_name("scoped") { " scoped" } else { "" };
        let required = if self.skip_name("required") { " required" } else { "" };
        if self.is("-") {
            return Err(Misuse::new(self.at(), "names of blocks have no hyphens"));
        }
        self.out.tag(at, &format!("block {name}{scoped}{required}"));
        self.block(&["endblock"])?;
        self.skip_name(name);
        self.finish(at, "endblock")
    }

    /// `with context` or `without context`.
    pub(super) fn context(&mut self) -> Result<bool, Misuse> {
        let next = self.tokens.get(self.position + 1).map(|next| &next.token);
        let is = (self.is_name("with") || self.is_name("without")) && next == Some(&Token::Name("context"));
        self.position += if is { 2 } else { 0 };
        Ok(is)
    }

    pub(super) fn include(&mut self, at: usize) -> Done {
        let mut code = Code::new(at, "include ").then(self.expression()?);
        let next = self.tokens.get(self.position + 1).map(|next| &next.token);
        if self.is_name("ignore") && next == Some(&Token::Name("missing")) {
            self.position += 2;
            code = code.text(" ignore missing");
        }
        self.context()?;
        // What it assigns stays with it.
        self.out.tag(at, "with");
        self.out.statement(&code);
        self.finish(at, "endwith")
    }

    pub(super) fn names_import(&mut self, at: usize) -> Done {
        let mut code = Code::new(at, "from ").then(self.expression()?).text(" import ");
        self.expect_name("import")?;
        let mut count = 0;
        loop {
            if count > 0 {
                self.expect(",")?;
            }
            if count > 0 && self.context()? {
                break;
            }
            let at = self.at();
            let name = self.name()?;
            if name.starts_with('_') {
                return Err(Misuse::new(at, "names that begin with `_` cannot be imported"));
            }
            code = code.text(if count > 0 { ", " } else { "" }).then(Code::new(at, name));
            if self.skip_name("as") {
                code = code.text(" as ").text(self.name()?);
            }
            count += 1;
            if self.context()? || !self.is(",") {
                break;
            }
        }
        self.out.statement(&code);
        self.expect_end(&Token::BlockEnd)
    }
}
