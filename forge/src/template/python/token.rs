//! The parts of a template's text.

/// What stands between the data.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'s> {
    /// Printed as it is.
    Data(&'s str),
    /// `{%`, or the start of a line statement.
    BlockStart,
    BlockEnd,
    /// `{{`
    PrintStart,
    PrintEnd,
    Name(&'s str),
    /// With its escapes resolved.
    Text(String),
    /// In any base; without underscores.
    Integer(String),
    Float(String),
    Operator(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed<'s> {
    pub(super) token: Token<'s>,
    /// Where it begins, in bytes.
    pub(super) at: usize,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::template) struct Misuse {
    /// In bytes.
    pub(in crate::template) at: usize,
    pub(in crate::template) message: String,
    /// It may be right for an engine that has more statements.
    pub(in crate::template) is_unknown_statement: bool,
}

impl Misuse {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), is_unknown_statement: false }
    }
}

/// White space as Python sees it.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// Keeps what is open, or tells what does not fit.
pub(super) fn balance(open: &mut Vec<&'static str>, operator: &str) -> Result<(), String> {
    match operator {
        "(" => open.push(")"),
        "[" => open.push("]"),
        "{" => open.push("}"),
        ")" | "]" | "}" => match open.pop() {
            Some(expected) if expected == operator => {}
            Some(expected) => return Err(format!("unexpected `{operator}`, expected `{expected}`")),
            None => return Err(format!("unexpected `{operator}`")),
        },
        _ => {}
    }
    Ok(())
}
