//! Macros, and calls with a body.

use super::emit::{Code, Kind};
use super::parser::Parser;
use super::statements::Done;
use super::token::{Misuse, Placed, Token};

/// What macros' arguments are until their defaults are known.
pub(super) const UNSET: &str = "py__unset";

impl Parser<'_, '_> {
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

    pub(super) fn macro_definition(&mut self, at: usize) -> Done {
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

    pub(super) fn call_block(&mut self, at: usize) -> Done {
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
}
