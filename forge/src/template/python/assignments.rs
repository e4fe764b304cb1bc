//! Statements that give names their values.

use super::emit::{Code, Kind};
use super::parser::Parser;
use super::statements::Done;
use super::token::{Misuse, Token};

impl Parser<'_, '_> {
    /// What is assigned to: a name, several, or an attribute of a namespace.
    pub(super) fn target(&mut self, ends: &[&str], with_attributes: bool) -> Result<Code, Misuse> {
        let at = self.at();
        let (mut items, mut is_tuple) = (Vec::new(), false);
        loop {
            if self.is(")") || ends.iter().any(|end| self.is_name(end)) {
                break;
            }
            let at = self.at();
            items.push(if self.skip("(") {
                let inner = self.nested(|parser| parser.target(&[], with_attributes))?;
                self.expect(")")?;
                Code::new(at, "(").then(inner).text(")")
            } else {
                let name = self.name()?;
                if matches!(name, "true" | "false" | "none" | "True" | "False" | "None") {
                    return Err(Misuse::new(at, format!("cannot assign to `{name}`")));
                }
                let mut target = Code::new(at, name);
                while with_attributes && self.skip(".") {
                    target = target.text(".").text(self.name()?);
                }
                target
            });
            if !self.skip(",") {
                break;
            }
            is_tuple = true;
        }
        if items.is_empty() {
            return Err(self.unexpected("a name"));
        }
        let code = Code::new(at, "").list(items, ", ");
        Ok(if is_tuple { code.of(Kind::Other) } else { code.of(Kind::Number) })
    }

    pub(super) fn assignment(&mut self, at: usize) -> Done {
        let target = self.target(&[], true)?;
        let is_tuple = target.kind == Kind::Other;
        let code = Code::new(at, "set ").then(target);
        if self.skip("=") {
            let value = self.tuple(true, &[], false)?;
            // A text is taken apart as well, into its characters.
            let value = if is_tuple { Code::call(value.at(), "py__iterate", vec![value]) } else { value };
            self.out.statement(&code.text(" = ").then(value));
            return self.expect_end(&Token::BlockEnd);
        }
        let code = if self.skip("|") { code.text(" | ").then(self.filter_chain()?) } else { code };
        self.out.statement(&code);
        self.framed("endset")?;
        self.finish(at, "endset")
    }

    pub(super) fn filter_chain(&mut self) -> Result<Code, Misuse> {
        let mut chain = self.filter()?;
        while self.skip("|") {
            chain = chain.text("|").then(self.filter()?);
        }
        Ok(chain)
    }

    pub(super) fn with(&mut self, at: usize) -> Done {
        let mut assignments = Vec::new();
        while self.peek() != Some(&Token::BlockEnd) {
            if !assignments.is_empty() {
                self.expect(",")?;
            }
            let target = self.target(&[], false)?;
            self.expect("=")?;
            assignments.push((target, self.expression()?));
        }
        // No value sees the other names; the engine below would let them.
        let (targets, values): (Vec<_>, Vec<_>) = assignments.into_iter().unzip();
        let mut outer = Code::new(at, "with ");
        let mut inner = Code::new(at, "with ");
        for (index, (target, value)) in targets.into_iter().zip(values).enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            outer = outer.text(&format!("{comma}py__with{index} = ")).then(value);
            let is_tuple = target.kind == Kind::Other;
            let target = if is_tuple { Code::new(at, "(").then(target).text(")") } else { target };
            inner = inner.text(comma).then(target).text(&format!(" = py__with{index}"));
        }
        self.out.statement(&outer);
        self.out.statement(&inner);
        self.block(&["endwith"])?;
        self.out.tag(at, "endwith");
        self.finish(at, "endwith")
    }
}
