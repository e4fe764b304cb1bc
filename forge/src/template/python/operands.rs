//! What operators stand between: literals, names, and what follows them, as attributes, calls, filters and tests.

use super::emit::{Code, Kind};
use super::literal;
use super::parser::Parser;
use super::token::{Misuse, Token};

/// How many attributes, calls or filters follow one another: the engine below takes stack for each.
const MOST_LINKS: usize = 100;

type Parsed = Result<Code, Misuse>;

impl Parser<'_, '_> {
    pub(super) fn primary(&mut self) -> Parsed {
        let at = self.at();
        let code = match self.peek() {
            Some(Token::Text(_)) => {
                let mut text = String::new();
                while let Some(Token::Text(part)) = self.peek() {
                    text.push_str(part);
                    self.position += 1;
                }
                return Ok(Code::new(at, literal::quoted(&text)));
            }
            Some(Token::Integer(number) | Token::Float(number)) => {
                Code::new(at, number.clone()).of(Kind::Number)
            }
            Some(Token::Name(_)) => return Ok(Code::new(at, self.name()?)),
            Some(Token::Operator("(")) => {
                self.position += 1;
                let value = self.tuple(true, &[], true)?;
                self.expect(")")?;
                return Ok(value);
            }
            Some(Token::Operator("[")) => return self.list(),
            Some(Token::Operator("{")) => return self.dict(),
            _ => return Err(self.unexpected("an expression")),
        };
        self.position += 1;
        Ok(code)
    }

    fn list(&mut self) -> Parsed {
        let at = self.at();
        self.expect("[")?;
        let mut items = Vec::new();
        while !self.is("]") {
            if !items.is_empty() {
                self.expect(",")?;
            }
            if self.is("]") {
                break;
            }
            items.push(self.expression()?);
        }
        self.expect("]")?;
        Ok(Code::new(at, "py__list([").list(items, ", ").text("])"))
    }

    fn dict(&mut self) -> Parsed {
        let at = self.at();
        self.expect("{")?;
        let mut pairs = Vec::new();
        while !self.is("}") {
            if !pairs.is_empty() {
                self.expect(",")?;
            }
            if self.is("}") {
                break;
            }
            let key = self.expression()?;
            self.expect(":")?;
            pairs.push(Code::new(key.at(), "(").then(key).text(", ").then(self.expression()?).text(")"));
        }
        self.expect("}")?;
        Ok(Code::new(at, "py__dict([").list(pairs, ", ").text("])"))
    }

    /// One expression, or several with commas between them. `ends` are names that end it.
    pub(super) fn tuple(&mut self, with_condition: bool, ends: &[&str], may_be_empty: bool) -> Parsed {
        let at = self.at();
        let (mut items, mut is_tuple) = (Vec::new(), false);
        loop {
            if !items.is_empty() {
                self.expect(",")?;
            }
            let is_end = self.is(")") || ends.iter().any(|name| self.is_name(name));
            if is_end || matches!(self.peek(), Some(Token::BlockEnd | Token::PrintEnd)) {
                break;
            }
            items.push(if with_condition { self.expression()? } else { self.nested(Self::any)? });
            if !self.is(",") {
                break;
            }
            is_tuple = true;
        }
        if is_tuple || (items.is_empty() && may_be_empty) {
            return Ok(Code::new(at, "py__tuple([").list(items, ", ").text("])"));
        }
        items.pop().ok_or_else(|| self.unexpected("an expression"))
    }

    pub(super) fn postfix(&mut self, mut value: Code) -> Parsed {
        for _ in 0..MOST_LINKS {
            value = match self.peek() {
                // The engine's own panics if there is nothing to choose from.
                Some(Token::Operator(".")) if self.is_cycle() => {
                    self.position += 2;
                    let at = value.at();
                    Code::new(at, "py__cycle(")
                        .then(value)
                        .text(".index0)")
                        .then(self.arguments()?)
                        .of(Kind::Call)
                }
                Some(Token::Operator(".")) => self.attribute(value)?,
                Some(Token::Operator("[")) => self.subscript(value)?,
                Some(Token::Operator("(")) => value.wrapped().then(self.arguments()?).of(Kind::Call),
                _ => return Ok(value),
            };
        }
        Err(self.too_long())
    }

    /// Whether what follows is `.cycle(`.
    fn is_cycle(&self) -> bool {
        let ahead = |by: usize| self.tokens.get(self.position + by).map(|next| &next.token);
        ahead(0) == Some(&Token::Operator("."))
            && ahead(1) == Some(&Token::Name("cycle"))
            && ahead(2) == Some(&Token::Operator("("))
    }

    fn attribute(&mut self, value: Code) -> Parsed {
        self.expect(".")?;
        // `1.real` would be a float.
        let value = value.wrapped();
        if let Some(Token::Integer(number)) = self.peek() {
            let index = format!("[{number}]");
            self.position += 1;
            return Ok(value.text(&index));
        }
        let at = self.at();
        let name = self.name()?;
        Ok(value.text(".").then(Code::new(at, name)))
    }

    fn subscript(&mut self, value: Code) -> Parsed {
        let (at, value) = (self.at(), value.wrapped());
        self.expect("[")?;
        let mut items = Vec::new();
        while !self.is("]") {
            if !items.is_empty() {
                self.expect(",")?;
            }
            items.push(self.subscripted()?);
        }
        self.expect("]")?;
        match (items.pop(), items.is_empty()) {
            (Some(Subscript::Slice(bounds)), true) => {
                let start = value.at();
                Ok(Code::call(start, "py__slice", [vec![value], bounds].concat()))
            }
            (Some(Subscript::Item(item)), true) => Ok(value.text("[").then(item).text("]")),
            _ => Err(Misuse::new(at, "a subscript must be one expression")),
        }
    }

    fn subscripted(&mut self) -> Result<Subscript, Misuse> {
        let at = self.at();
        let mut bounds = Vec::new();
        if !self.is(":") {
            let first = self.expression()?;
            if !self.is(":") {
                return Ok(Subscript::Item(first));
            }
            bounds.push(first);
        } else {
            bounds.push(Code::new(at, "none"));
        }
        for _ in 0..2 {
            let given = self.skip(":") && !self.is("]") && !self.is(",") && !self.is(":");
            bounds.push(if given { self.expression()? } else { Code::new(at, "none") });
        }
        Ok(Subscript::Slice(bounds))
    }

    fn arguments(&mut self) -> Parsed {
        let at = self.at();
        self.expect("(")?;
        let mut arguments: Vec<Code> = Vec::new();
        while !self.is(")") {
            if !arguments.is_empty() {
                self.expect(",")?;
            }
            if self.is(")") {
                break;
            }
            let at = self.at();
            let next = self.tokens.get(self.position + 1).map(|next| &next.token);
            let argument = if self.skip("*") {
                Code::new(at, "*").then(self.expression()?)
            } else if self.skip("**") {
                Code::new(at, "**").then(self.expression()?)
            } else if next == Some(&Token::Operator("=")) {
                let name = self.name()?;
                self.expect("=")?;
                Code::new(at, format!("{name}=")).then(self.expression()?)
            } else {
                self.expression()?
            };
            arguments.push(argument);
        }
        self.expect(")")?;
        Ok(Code::new(at, "(").list(arguments, ", ").text(")"))
    }

    pub(super) fn filters(&mut self, mut value: Code) -> Parsed {
        for _ in 0..MOST_LINKS {
            value = match self.peek() {
                Some(Token::Operator("|")) => {
                    self.position += 1;
                    value.text("|").then(self.filter()?).of(Kind::Filtered)
                }
                Some(Token::Name("is")) => self.test(value)?,
                Some(Token::Operator("(")) => value.wrapped().then(self.arguments()?).of(Kind::Call),
                _ => return Ok(value),
            };
        }
        Err(self.too_long())
    }

    /// A filter's name and its arguments.
    pub(super) fn filter(&mut self) -> Parsed {
        let at = self.at();
        let name = self.dotted()?;
        let filter = Code::new(at, name);
        if self.is("(") { Ok(filter.then(self.arguments()?)) } else { Ok(filter) }
    }

    fn dotted(&mut self) -> Result<String, Misuse> {
        let mut name = self.name()?.to_owned();
        while self.skip(".") {
            name = format!("{name}.{}", self.name()?);
        }
        Ok(name)
    }

    fn test(&mut self, value: Code) -> Parsed {
        self.expect_name("is")?;
        let is = if self.skip_name("not") { " is not " } else { " is " };
        let (start, at) = (value.at(), self.at());
        let name = self.dotted()?;
        let test = Code::new(start, "(").then(value).text(is).then(Code::new(at, name));
        let test = match self.peek() {
            Some(Token::Operator("(")) => test.then(self.arguments()?),
            Some(Token::Name("is")) => return Err(Misuse::new(self.at(), "tests cannot be chained")),
            Some(Token::Name("else" | "or" | "and")) => test,
            Some(Token::Name(_) | Token::Text(_) | Token::Integer(_) | Token::Float(_))
            | Some(Token::Operator("[" | "{")) => {
                let argument = self.primary()?;
                test.text("(").then(self.postfix(argument)?).text(")")
            }
            _ => test,
        };
        Ok(test.text(")"))
    }
}

enum Subscript {
    Item(Code),
    Slice(Vec<Code>),
}
