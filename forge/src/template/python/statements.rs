//! Statements, by Jinja2's grammar. Where the engine below lets a name out of a body, the body gets a frame.

use super::emit::Code;
use super::parser::Parser;
use super::token::{Misuse, Token};

/// How many branches a condition has: the engine below takes stack for each.
const MOST_BRANCHES: usize = 200;

pub(super) type Done = Result<(), Misuse>;

impl<'s> Parser<'_, 's> {
    /// Everything up to a statement of one of these names, which is returned; up to the end if there are none.
    pub(super) fn body(&mut self, ends: &[&'static str]) -> Result<&'s str, Misuse> {
        loop {
            let at = self.at();
            let token = self.peek().cloned();
            match token {
                None if ends.is_empty() => return Ok(""),
                None => return Err(self.unexpected(&format!("`{}`", ends.join("` or `")))),
                Some(Token::Data(data)) => {
                    self.position += 1;
                    self.out.data(at, data, self.style.new_line.as_str());
                }
                Some(Token::PrintStart) => {
                    self.position += 1;
                    let value = self.tuple(true, &[], false)?;
                    self.expect_end(&Token::PrintEnd)?;
                    self.out.print(&value);
                }
                Some(Token::BlockStart) => {
                    self.position += 1;
                    let at = self.at();
                    let name = self.name()?;
                    if ends.contains(&name) {
                        return Ok(name);
                    }
                    self.nested(|parser| parser.statement(at, name))?;
                }
                Some(_) => return Err(self.unexpected("text")),
            }
        }
    }

    /// The rest of a statement, then everything up to one of the names.
    pub(super) fn block(&mut self, ends: &[&'static str]) -> Result<&'s str, Misuse> {
        self.skip(":");
        self.expect_end(&Token::BlockEnd)?;
        self.body(ends)
    }

    /// A body whose names stay inside.
    pub(super) fn framed(&mut self, end: &'static str) -> Done {
        let at = self.at();
        self.out.tag(at, "with");
        self.block(&[end])?;
        let at = self.at();
        self.out.tag(at, "endwith");
        Ok(())
    }

    pub(super) fn finish(&mut self, at: usize, end: &str) -> Done {
        self.out.tag(at, end);
        self.expect_end(&Token::BlockEnd)
    }

    fn statement(&mut self, at: usize, name: &str) -> Done {
        match name {
            "for" => self.for_loop(at),
            "if" => self.condition(at),
            "set" => self.assignment(at),
            "with" => self.with(at),
            "macro" => self.macro_definition(at),
            "call" => self.call_block(at),
            "block" => self.named_block(at),
            "filter" => {
                let filter = self.filter_chain()?;
                self.out.statement(&Code::new(at, "filter ").then(filter));
                self.framed("endfilter")?;
                self.finish(at, "endfilter")
            }
            "autoescape" => {
                let value = self.expression()?;
                self.out.statement(&Code::new(at, "autoescape ").then(value));
                self.framed("endautoescape")?;
                self.finish(at, "endautoescape")
            }
            "extends" => {
                let value = self.expression()?;
                self.out.statement(&Code::new(at, "extends ").then(value));
                self.expect_end(&Token::BlockEnd)
            }
            "include" => self.include(at),
            "import" => {
                let value = self.expression()?;
                self.expect_name("as")?;
                let name = self.name()?;
                self.context()?;
                self.out.statement(&Code::new(at, "import ").then(value).text(" as ").text(name));
                self.expect_end(&Token::BlockEnd)
            }
            "from" => self.names_import(at),
            "do" => {
                let value = self.tuple(true, &[], false)?;
                self.out.statement(&Code::new(at, "do py__do(").then(value).text(")"));
                self.expect_end(&Token::BlockEnd)
            }
            "print" => self.print(),
            "now" => self.now(at),
            "break" | "continue" => self.finish(at, name),
            _ => Err(Misuse {
                at,
                message: format!("unknown statement `{name}`"),
                is_unknown_statement: !name.starts_with("end") && !matches!(name, "else" | "elif"),
            }),
        }
    }

    fn for_loop(&mut self, at: usize) -> Done {
        let target = self.target(&["in"], false)?;
        self.expect_name("in")?;
        let mut code = Code::new(at, "for ").then(target).text(" in py__iterate(").then(self.tuple(
            false,
            &["recursive"],
            false,
        )?);
        code = code.text(")");
        if self.skip_name("if") {
            code = code.text(" if ").then(self.expression()?);
        }
        if self.skip_name("recursive") {
            code = code.text(" recursive");
        }
        self.out.statement(&code);
        if self.block(&["endfor", "else"])? == "else" {
            let at = self.at();
            self.out.tag(at, "else");
            self.framed("endfor")?;
        }
        self.finish(at, "endfor")
    }

    fn condition(&mut self, at: usize) -> Done {
        let value = self.tuple(false, &[], false)?;
        self.out.statement(&Code::new(at, "if ").then(value));
        for _ in 0..MOST_BRANCHES {
            let end = self.block(&["elif", "else", "endif"])?;
            let here = self.at();
            match end {
                "elif" => {
                    let value = self.tuple(false, &[], false)?;
                    self.out.statement(&Code::new(here, "elif ").then(value));
                }
                "else" => {
                    self.out.tag(here, "else");
                    self.block(&["endif"])?;
                    return self.finish(at, "endif");
                }
                _ => return self.finish(at, "endif"),
            }
        }
        Err(Misuse::new(self.at(), "the statement has too many branches"))
    }

    fn print(&mut self) -> Done {
        let mut values = vec![self.expression()?];
        while self.skip(",") {
            values.push(self.expression()?);
        }
        self.expect_end(&Token::BlockEnd)?;
        values.iter().for_each(|value| self.out.print(value));
        Ok(())
    }

    /// The time: `now zone`, `now zone + 'days=1'`, each perhaps with a format behind a comma.
    fn now(&mut self, at: usize) -> Done {
        let start = self.position;
        let mut parts = self.sum_parts()?;
        let is_whole = self.is(",") || self.peek() == Some(&Token::BlockEnd);
        let mut arguments = if is_whole && parts.len() > 1 {
            let offset = parts.pop().unwrap_or_else(|| Code::new(at, "none"));
            let sign = parts.pop().unwrap_or_else(|| Code::new(at, "none"));
            vec![super::expressions::folded("py__math", parts), sign, offset]
        } else {
            self.position = start;
            vec![self.expression()?, Code::new(at, "none"), Code::new(at, "none")]
        };
        arguments.push(if self.skip(",") { self.expression()? } else { Code::new(at, "none") });
        self.expect_end(&Token::BlockEnd)?;
        self.out.print(&Code::call(at, "py__now", arguments));
        Ok(())
    }
}
