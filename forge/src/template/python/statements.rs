//! Statements, by Jinja2's grammar. Where the engine below lets a name out of a body, the body gets a frame.

use super::emit::{Code, Kind};
use super::lexer::{Misuse, Placed, Token};
use super::parser::Parser;

type Done = Result<(), Misuse>;

/// What macros' arguments are until their defaults are known.
pub(super) const UNSET: &str = "py__unset";

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
    fn block(&mut self, ends: &[&'static str]) -> Result<&'s str, Misuse> {
        self.skip(":");
        self.expect_end(&Token::BlockEnd)?;
        self.body(ends)
    }

    /// A body whose names stay inside.
    fn framed(&mut self, end: &'static str) -> Done {
        let at = self.at();
        self.out.tag(at, "with");
        self.block(&[end])?;
        let at = self.at();
        self.out.tag(at, "endwith");
        Ok(())
    }

    fn finish(&mut self, at: usize, end: &str) -> Done {
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
            "from" => self.from_import(at),
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

    /// What is assigned to: a name, several, or an attribute of a namespace.
    fn target(&mut self, ends: &[&str], with_attributes: bool) -> Result<Code, Misuse> {
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
        loop {
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
    }

    fn assignment(&mut self, at: usize) -> Done {
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

    fn filter_chain(&mut self) -> Result<Code, Misuse> {
        let mut chain = self.filter()?;
        while self.skip("|") {
            chain = chain.text("|").then(self.filter()?);
        }
        Ok(chain)
    }

    fn with(&mut self, at: usize) -> Done {
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

    /// Names with defaults in parentheses, and what the body begins with to settle the defaults.
    fn signature(&mut self) -> Result<(Code, Vec<(String, Code)>), Misuse> {
        let at = self.at();
        self.expect("(")?;
        let (mut arguments, mut defaults) = (Vec::new(), Vec::new());
        while !self.is(")") {
            if !arguments.is_empty() {
                self.expect(",")?;
            }
            let at = self.at();
            let name = self.name()?;
            let argument = Code::new(at, name);
            arguments.push(if self.skip("=") {
                defaults.push((name.to_owned(), self.expression()?));
                argument.text("=").text(UNSET)
            } else if defaults.is_empty() {
                argument
            } else {
                return Err(Misuse::new(at, "an argument without a default follows one with a default"));
            });
        }
        self.expect(")")?;
        Ok((Code::new(at, "(").list(arguments, ", ").text(")"), defaults))
    }

    /// Defaults may name the arguments before them.
    fn settle(&mut self, defaults: Vec<(String, Code)>) {
        for (name, value) in defaults {
            let at = value.at();
            self.out.tag(at, &format!("if {name} is {UNSET}"));
            self.out.statement(&Code::new(at, format!("set {name} = ")).then(value));
            self.out.tag(at, "endif");
        }
    }

    fn macro_definition(&mut self, at: usize) -> Done {
        let name = self.name()?;
        let is_variadic = self.is_variadic();
        let start = self.position;
        let (signature, defaults) = self.signature()?;
        if !is_variadic {
            self.out.statement(&Code::new(at, format!("macro {name}")).then(signature));
            self.settle(defaults);
            self.block(&["endmacro"])?;
            return self.finish(at, "endmacro");
        }
        // The engine's macros take what they name and nothing more, so that they have to name these.
        let end = self.position;
        let names =
            self.tokens.get(start..end).unwrap_or_default().windows(2).filter_map(|pair| match pair {
                [
                    Placed { token: Token::Operator("(" | ","), .. },
                    Placed { token: Token::Name(name), .. },
                ] => Some(*name),
                _ => None,
            });
        let names: Vec<&str> = names.collect();
        let own: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        let has_default = |name: &str| defaults.iter().any(|(with_default, _)| with_default == name);
        let argument =
            |name: &&str| if has_default(name) { format!("{name}={UNSET}") } else { (*name).to_owned() };
        let arguments: Vec<String> = names.iter().map(argument).collect();
        let arguments =
            [arguments, vec!["varargs=()".to_owned(), "kwargs=()".to_owned()]].concat().join(", ");
        self.out.tag(at, &format!("macro py__{name}({arguments})"));
        self.settle(defaults);
        self.block(&["endmacro"])?;
        self.finish(at, "endmacro")?;
        self.out.tag(at, &format!("set {name} = py__variadic(py__{name}, [{}])", own.join(", ")));
        Ok(())
    }

    /// Whether the macro that begins here uses arguments it does not name.
    fn is_variadic(&self) -> bool {
        let rest = self.tokens.get(self.position..).unwrap_or_default();
        let end = rest.iter().position(|placed| placed.token == Token::Name("endmacro"));
        let body = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        body.iter().any(|placed| matches!(placed.token, Token::Name("varargs" | "kwargs")))
    }

    fn call_block(&mut self, at: usize) -> Done {
        let mut code = Code::new(at, "call");
        let mut defaults = Vec::new();
        if self.is("(") {
            let (signature, found) = self.signature()?;
            code = code.then(signature);
            defaults = found;
        }
        let start = self.at();
        let call = self.expression()?;
        if call.kind != Kind::Call {
            return Err(Misuse::new(start, "expected a call"));
        }
        self.out.statement(&code.text(" ").then(call));
        self.settle(defaults);
        self.block(&["endcall"])?;
        self.finish(at, "endcall")
    }

    fn named_block(&mut self, at: usize) -> Done {
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
    fn context(&mut self) -> Result<bool, Misuse> {
        let next = self.tokens.get(self.position + 1).map(|next| &next.token);
        let is = (self.is_name("with") || self.is_name("without")) && next == Some(&Token::Name("context"));
        self.position += if is { 2 } else { 0 };
        Ok(is)
    }

    fn include(&mut self, at: usize) -> Done {
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

    fn from_import(&mut self, at: usize) -> Done {
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
