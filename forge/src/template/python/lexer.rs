//! A template's text in tokens, cut as Jinja2 cuts it: what is data, what white space a mark takes away, and
//! where expressions have their parts.

use super::literal;
use super::style::{Mark, Style};
use super::token::{Misuse, Placed, Token, balance, is_space};

/// The longer ones first.
const OPERATORS: [&str; 26] = [
    "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<",
    "=", ".", ":", "|", ",", ";",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opener {
    Raw,
    Block,
    Variable,
    Comment,
    LineStatement,
    LineComment,
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    style: &'s Style,
    /// Longest first, as Jinja2 tries them.
    openers: Vec<(Opener, Mark)>,
    line_starting: bool,
    tokens: Vec<Placed<'s>>,
}

/// Cuts a text whose lines end in `\n`.
pub(super) fn tokens<'s>(source: &'s str, style: &'s Style) -> Result<Vec<Placed<'s>>, Misuse> {
    let mut openers = vec![
        (Opener::Variable, style.variable.0),
        (Opener::Comment, style.comment.0),
        (Opener::Block, style.block.0),
    ];
    openers.extend(style.line_comment.map(|mark| (Opener::LineComment, mark)));
    openers.extend(style.line_statement.map(|mark| (Opener::LineStatement, mark)));
    let rank = |opener: &Opener| match opener {
        Opener::Variable => 0,
        Opener::LineStatement => 1,
        Opener::LineComment => 2,
        Opener::Comment => 3,
        _ => 4,
    };
    openers.sort_by_key(|(opener, mark)| (std::cmp::Reverse(mark.as_str().chars().count()), rank(opener)));
    let mut lexer = Lexer { source, at: 0, style, openers, line_starting: true, tokens: Vec::new() };
    while lexer.at < source.len() {
        lexer.root()?;
    }
    Ok(lexer.tokens)
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn push(&mut self, token: Token<'s>, at: usize) {
        self.tokens.push(Placed { token, at });
    }

    fn advance_to(&mut self, at: usize) {
        if at > self.at {
            self.line_starting = self.source[..at].ends_with('\n');
        }
        self.at = at;
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.advance_to(self.source.len() - rest.trim_start_matches(is_space).len());
    }

    /// Data, and what follows it.
    fn root(&mut self) -> Result<(), Misuse> {
        let from = self.at;
        let Some((at, opener, sign, after)) = self.next_opener() else {
            self.push_data(&self.source[from..], from);
            self.at = self.source.len();
            return Ok(());
        };
        let data = self.stripped(from, at, sign, opener == Opener::Variable);
        self.push_data(data, from);
        self.advance_to(after);
        match opener {
            Opener::Raw => self.raw(),
            Opener::Comment => self.comment(at),
            Opener::LineComment => {
                let end = self.rest().find('\n').map_or(self.source.len(), |length| self.at + length);
                self.advance_to(end);
                Ok(())
            }
            Opener::Variable => {
                self.push(Token::PrintStart, at);
                self.expression(opener)
            }
            Opener::Block | Opener::LineStatement => {
                self.push(Token::BlockStart, at);
                self.expression(opener)
            }
        }
    }

    fn push_data(&mut self, data: &'s str, at: usize) {
        if !data.is_empty() {
            self.push(Token::Data(data), at);
        }
    }

    /// Where the next mark begins, what it is, its sign, and where it ends.
    fn next_opener(&self) -> Option<(usize, Opener, Option<u8>, usize)> {
        self.rest().char_indices().find_map(|(offset, _)| {
            let at = self.at + offset;
            self.raw_opener(at).or_else(|| {
                self.openers.iter().find_map(|(opener, mark)| {
                    let after = self.opener_at(*opener, mark.as_str(), at)?;
                    let sign = sign(&self.source[after..]);
                    Some((at, *opener, sign, after + usize::from(sign.is_some())))
                })
            })
        })
    }

    fn raw_opener(&self, at: usize) -> Option<(usize, Opener, Option<u8>, usize)> {
        let rest = self.source[at..].strip_prefix(self.style.block.0.as_str())?;
        let sign = sign(rest);
        let rest = rest[usize::from(sign.is_some())..].trim_start_matches(is_space).strip_prefix("raw")?;
        let rest = rest.trim_start_matches(is_space);
        let end = self.style.block.1.as_str();
        let after = match rest.strip_prefix('-').and_then(|rest| rest.strip_prefix(end)) {
            Some(rest) => rest.trim_start_matches(is_space),
            None => rest.strip_prefix(end)?,
        };
        Some((at, Opener::Raw, sign, self.source.len() - after.len()))
    }

    fn opener_at(&self, opener: Opener, mark: &str, at: usize) -> Option<usize> {
        let (before, rest) = self.source.split_at(at);
        let starts_line = before.is_empty() || before.ends_with('\n');
        let blanks = match opener {
            Opener::LineStatement if starts_line => rest.trim_start_matches([' ', '\t', '\u{b}']),
            Opener::LineComment if starts_line || !before.ends_with(is_space) => {
                rest.trim_start_matches(|c| is_space(c) && c != '\n' && c != '\r')
            }
            Opener::LineStatement | Opener::LineComment => return None,
            _ => rest,
        };
        blanks.strip_prefix(mark).map(|rest| self.source.len() - rest.len())
    }

    /// The data before a mark, without what the mark takes away.
    fn stripped(&self, from: usize, to: usize, sign: Option<u8>, is_print: bool) -> &'s str {
        let data = &self.source[from..to];
        match sign {
            Some(b'-') => data.trim_end_matches(is_space),
            None if self.style.lstrip_blocks && !is_print => {
                let line = data.rfind('\n').map_or(0, |at| at + 1);
                let is_whole_line = line > 0 || self.line_starting;
                if is_whole_line && data[line..].chars().all(is_space) { &data[..line] } else { data }
            }
            _ => data,
        }
    }

    fn comment(&mut self, start: usize) -> Result<(), Misuse> {
        let end = self.style.comment.1;
        let found = self
            .rest()
            .char_indices()
            .find_map(|(offset, _)| self.block_close(self.at + offset, end.as_str(), true));
        match found {
            Some(after) => self.advance_to(after),
            None if self.rest().is_empty() => {}
            None => return Err(Misuse::new(start, "the comment does not end")),
        }
        Ok(())
    }

    fn raw(&mut self) -> Result<(), Misuse> {
        let from = self.at;
        let close = self.rest().char_indices().find_map(|(offset, _)| {
            let rest = self.source[from + offset..].strip_prefix(self.style.block.0.as_str())?;
            let sign = sign(rest);
            let rest = rest[usize::from(sign.is_some())..].trim_start_matches(is_space);
            let rest = rest.strip_prefix("endraw")?.trim_start_matches(is_space);
            let after =
                self.block_close(self.source.len() - rest.len(), self.style.block.1.as_str(), true)?;
            Some((from + offset, sign, after))
        });
        match close {
            Some((to, sign, after)) => {
                let data = self.stripped(from, to, sign, false);
                self.push_data(data, from);
                self.advance_to(after);
            }
            None if self.rest().is_empty() => {}
            None => return Err(Misuse::new(from, "the raw block does not end")),
        }
        Ok(())
    }

    /// Where a closing mark at this place ends, with what it takes away.
    fn block_close(&self, at: usize, mark: &str, may_keep: bool) -> Option<usize> {
        let rest = &self.source[at..];
        let after = if let Some(rest) = rest.strip_prefix('-').and_then(|rest| rest.strip_prefix(mark)) {
            rest.trim_start_matches(is_space)
        } else if let Some(rest) =
            rest.strip_prefix('+').and_then(|rest| rest.strip_prefix(mark)).filter(|_| may_keep)
        {
            rest
        } else {
            let rest = rest.strip_prefix(mark)?;
            let trimmed = rest.strip_prefix('\n').filter(|_| self.style.trim_blocks && may_keep);
            trimmed.unwrap_or(rest)
        };
        Some(self.source.len() - after.len())
    }

    fn expression(&mut self, opener: Opener) -> Result<(), Misuse> {
        let mut open: Vec<&'static str> = Vec::new();
        loop {
            if open.is_empty()
                && let Some(after) = self.expression_close(opener)
            {
                let at = self.at;
                self.push(if opener == Opener::Variable { Token::PrintEnd } else { Token::BlockEnd }, at);
                self.advance_to(after);
                return Ok(());
            }
            if self.rest().is_empty() {
                return Ok(());
            }
            if self.rest().starts_with(is_space) {
                self.skip_spaces();
                continue;
            }
            self.part(&mut open)?;
        }
    }

    fn expression_close(&self, opener: Opener) -> Option<usize> {
        match opener {
            Opener::Variable => self.block_close(self.at, self.style.variable.1.as_str(), false),
            Opener::Block => self.block_close(self.at, self.style.block.1.as_str(), true),
            _ => {
                let rest = self.rest();
                let spaces = rest.len() - rest.trim_start_matches(is_space).len();
                if spaces == rest.len() {
                    return Some(self.source.len());
                }
                rest[..spaces].rfind('\n').map(|last| self.at + last + 1)
            }
        }
    }

    fn part(&mut self, open: &mut Vec<&'static str>) -> Result<(), Misuse> {
        let (at, rest) = (self.at, self.rest());
        let after_dot = self.source[..at].ends_with('.');
        if let Some(length) = literal::float_length(rest).filter(|_| !after_dot) {
            self.push(Token::Float(rest[..length].replace('_', "")), at);
            self.advance_to(at + length);
        } else if let Some(length) = literal::integer_length(rest) {
            self.push(Token::Integer(rest[..length].replace('_', "")), at);
            self.advance_to(at + length);
        } else if rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            self.push(Token::Name(&rest[..length]), at);
            self.advance_to(at + length);
        } else if let Some(length) = literal::string_length(rest) {
            let text = literal::unescape(&rest[1..length - 1], self.style.new_line.as_str());
            let text = text.map_err(|problem| Misuse::new(at, problem))?;
            self.push(Token::Text(text), at);
            self.advance_to(at + length);
        } else {
            let Some(operator) = OPERATORS.iter().find(|operator| rest.starts_with(**operator)) else {
                let c = rest.chars().next().unwrap_or_default();
                return Err(Misuse::new(at, format!("unexpected character {c:?}")));
            };
            balance(open, operator).map_err(|problem| Misuse::new(at, problem))?;
            self.push(Token::Operator(operator), at);
            self.advance_to(at + operator.len());
        }
        Ok(())
    }
}

fn sign(rest: &str) -> Option<u8> {
    rest.bytes().next().filter(|byte| matches!(byte, b'-' | b'+'))
}
