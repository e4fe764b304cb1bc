//! Expressions, by Jinja2's grammar. Operators become calls of functions that do what Python does.

use super::emit::Code;
use super::parser::Parser;
use super::token::{Misuse, Token};

/// How many operands one call takes.
const MOST_OPERANDS: usize = 401;

/// How many conditions are joined: the engine below takes stack for each.
const MOST_CONDITIONS: usize = 200;

type Parsed = Result<Code, Misuse>;

impl Parser<'_, '_> {
    pub(super) fn expression(&mut self) -> Parsed {
        self.nested(Self::conditional)
    }

    fn conditional(&mut self) -> Parsed {
        let mut value = self.any()?;
        while self.skip_name("if") {
            let condition = self.any()?;
            value = Code::new(value.at(), "(").then(value).text(" if ").then(condition);
            if self.skip_name("else") {
                value = value.text(" else ").then(self.expression()?);
            }
            value = value.text(")");
        }
        Ok(value)
    }

    /// An expression that does not end in `if … else …`.
    pub(super) fn any(&mut self) -> Parsed {
        self.logic("or", |parser| parser.logic("and", Self::negation))
    }

    fn logic(&mut self, operator: &str, mut operand: impl FnMut(&mut Self) -> Parsed) -> Parsed {
        let mut operands = vec![operand(self)?];
        while self.skip_name(operator) {
            operands.push(operand(self)?);
            if operands.len() > MOST_CONDITIONS {
                return Err(self.too_long());
            }
        }
        match (operands.pop(), operands.is_empty()) {
            (Some(only), true) => Ok(only),
            (Some(last), false) => {
                operands.push(last);
                let at = operands.first().map_or(0, Code::at);
                Ok(Code::new(at, "(").list(operands, &format!(" {operator} ")).text(")"))
            }
            (None, _) => Err(self.unexpected("an expression")),
        }
    }

    fn negation(&mut self) -> Parsed {
        let at = self.at();
        if !self.skip_name("not") {
            return self.comparison();
        }
        let operand = self.nested(Self::negation)?;
        Ok(Code::new(at, "(not ").then(operand).text(")"))
    }

    fn comparison(&mut self) -> Parsed {
        let first = self.sum()?;
        let mut operands = vec![first];
        loop {
            let at = self.at();
            let operator = match self.peek() {
                Some(Token::Operator(operator @ ("==" | "!=" | "<" | "<=" | ">" | ">="))) => *operator,
                Some(Token::Name("in")) => "in",
                Some(Token::Name("not")) => {
                    let is_in = self.tokens.get(self.position + 1).map(|next| &next.token);
                    if is_in != Some(&Token::Name("in")) {
                        break;
                    }
                    self.position += 1;
                    "not in"
                }
                _ => break,
            };
            self.position += 1;
            operands.push(Code::new(at, format!("\"{operator}\"")));
            operands.push(self.sum()?);
        }
        Ok(folded("py__compare", operands))
    }

    fn sum(&mut self) -> Parsed {
        Ok(folded("py__math", self.sum_parts()?))
    }

    /// Operands, with the operators between them.
    pub(super) fn sum_parts(&mut self) -> Result<Vec<Code>, Misuse> {
        self.chain(&["+", "-"], Self::concatenation)
    }

    fn concatenation(&mut self) -> Parsed {
        let mut operands = vec![self.product()?];
        while self.skip("~") {
            operands.push(self.product()?);
        }
        Ok(folded("py__concat", operands))
    }

    fn product(&mut self) -> Parsed {
        let parts = self.chain(&["*", "/", "//", "%"], |parser| {
            Ok(folded("py__math", parser.chain(&["**"], |parser| parser.unary(true))?))
        })?;
        Ok(folded("py__math", parts))
    }

    fn chain(
        &mut self,
        operators: &[&'static str],
        mut operand: impl FnMut(&mut Self) -> Parsed,
    ) -> Result<Vec<Code>, Misuse> {
        let mut parts = vec![operand(self)?];
        loop {
            let at = self.at();
            let Some(operator) = operators.iter().find(|operator| self.is(operator)) else {
                return Ok(parts);
            };
            self.position += 1;
            parts.push(Code::new(at, format!("\"{operator}\"")));
            parts.push(operand(self)?);
        }
    }

    fn unary(&mut self, with_filters: bool) -> Parsed {
        let at = self.at();
        let value = if self.skip("-") {
            let operand = self.nested(|parser| parser.unary(false))?;
            Code::call(at, "py__minus", vec![operand])
        } else if self.skip("+") {
            let operand = self.nested(|parser| parser.unary(false))?;
            Code::call(at, "py__plus", vec![operand])
        } else {
            self.primary()?
        };
        let value = self.postfix(value)?;
        if with_filters { self.filters(value) } else { Ok(value) }
    }
}

/// One call for a chain of operands; long chains in portions, the first operand of each being what came before.
pub(super) fn folded(function: &str, parts: Vec<Code>) -> Code {
    let mut parts = parts.into_iter();
    let mut value = parts.next().unwrap_or_else(|| Code::new(0, "none"));
    loop {
        let more: Vec<Code> = parts.by_ref().take(MOST_OPERANDS - 1).collect();
        if more.is_empty() {
            return value;
        }
        value = Code::call(value.at(), function, [vec![value], more].concat());
    }
}
