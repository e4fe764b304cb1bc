//! From a template as Jinja2 reads it to one that the engine below renders to the same text.

use super::emit::Rewritten;
use super::lexer;
use super::parser::Parser;
use super::style::Style;
use super::token::Misuse;

/// The lines of a text, ended as the lexer wants them.
pub(in crate::template) fn normalized(text: &str, keep_trailing_newline: bool) -> String {
    let mut text =
        if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() };
    if !keep_trailing_newline && text.ends_with('\n') {
        text.pop();
    }
    text
}

/// Rewrites a normalized text.
pub(in crate::template) fn rewritten(source: &str, style: &Style) -> Result<Rewritten, Misuse> {
    let tokens = lexer::tokens(source, style)?;
    let out = Rewritten::default();
    let mut parser = Parser { tokens: &tokens, position: 0, end: source.len(), depth: 0, style, out };
    parser.body(&[])?;
    Ok(parser.out)
}
