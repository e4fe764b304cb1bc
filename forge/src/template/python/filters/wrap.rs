//! Long lines broken into shorter ones.

use minijinja::{Environment, Error, Value};

use super::add_filter;
use crate::template::python::args::{bind, misuse};
use crate::template::python::markup::text_of;
use crate::template::python::strings;
use crate::template::python::style::NewLine;

pub(super) fn add(environment: &mut Environment<'_>, new_line: NewLine) {
    add_filter(environment, "wordwrap", move |_, args| {
        let names = ["s", "width", "break_long_words", "wrapstring", "break_on_hyphens"];
        let bound = bind("wordwrap", &names, 1, args)?;
        let wrapping = Wrapping {
            width: bound.count(1, 79)?,
            breaks_words: bound.flag(2, true)?,
            breaks_at_hyphens: bound.flag(4, true)?,
        };
        if wrapping.width == 0 {
            return Err(misuse("lines need a width"));
        }
        let end = bound.optional_text(3)?.unwrap_or_else(|| new_line.as_str().to_owned());
        let text = Value::from(text_of(&bound.value(0))?);
        let mut lines = Vec::new();
        for line in strings::call(&text, "splitlines", &[])?.try_iter()? {
            lines.push(wrapping.wrapped(&text_of(&line)?).join(&end));
        }
        Ok::<_, Error>(Value::from(lines.join(&end)))
    });
}

struct Wrapping {
    width: usize,
    breaks_words: bool,
    breaks_at_hyphens: bool,
}

fn is_blank(c: char) -> bool {
    matches!(c, '\t'..='\r' | ' ')
}

impl Wrapping {
    fn wrapped(&self, text: &str) -> Vec<String> {
        let mut chunks: Vec<String> = self.chunks(text);
        chunks.reverse();
        let mut lines: Vec<String> = Vec::new();
        while !chunks.is_empty() {
            let mut line: Vec<String> = Vec::new();
            let mut length = 0;
            let is_blank_chunk = |chunk: &String| chunk.chars().all(is_blank);
            if !lines.is_empty() && chunks.last().is_some_and(is_blank_chunk) {
                chunks.pop();
            }
            while let Some(chunk) = chunks.pop_if(|chunk| length + chunk.chars().count() <= self.width) {
                length += chunk.chars().count();
                line.push(chunk);
            }
            if let Some(chunk) = chunks.pop_if(|chunk| chunk.chars().count() > self.width) {
                self.long_chunk(chunk, &mut line, length, &mut chunks);
            }
            line.pop_if(|chunk| is_blank_chunk(chunk));
            if !line.is_empty() {
                lines.push(line.concat());
            }
        }
        lines
    }

    /// What is longer than a line is broken, or gets a line of its own.
    fn long_chunk(&self, chunk: String, line: &mut Vec<String>, length: usize, chunks: &mut Vec<String>) {
        if !self.breaks_words {
            if line.is_empty() {
                line.push(chunk);
            } else {
                chunks.push(chunk);
            }
            return;
        }
        let room = self.width.saturating_sub(length).max(usize::from(length == 0));
        let mut end = room;
        if self.breaks_at_hyphens {
            let head: Vec<char> = chunk.chars().take(room).collect();
            let hyphen = head.iter().rposition(|c| *c == '-').filter(|at| *at > 0);
            end = hyphen.filter(|at| head[..*at].iter().any(|c| *c != '-')).map_or(room, |at| at + 1);
        }
        let at = chunk.char_indices().nth(end).map_or(chunk.len(), |(at, _)| at);
        line.push(chunk[..at].to_owned());
        if at < chunk.len() {
            chunks.push(chunk[at..].to_owned());
        }
    }

    /// Words and the blanks between them.
    fn chunks(&self, text: &str) -> Vec<String> {
        let mut chunks = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let blank = is_blank(first);
            let end = rest.find(|c| is_blank(c) != blank).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            if blank || !self.breaks_at_hyphens {
                chunks.push(word.to_owned());
            } else {
                split_word(word, &mut chunks);
            }
            rest = after;
        }
        chunks
    }
}

/// A word may end behind a hyphen between letters, and before and behind a dash of two hyphens.
fn split_word(word: &str, chunks: &mut Vec<String>) {
    let chars: Vec<char> = word.chars().collect();
    let is_letter = |at: usize| chars.get(at).is_some_and(|c| c.is_alphabetic() || *c == '_');
    let is_word = |at: usize| chars.get(at).is_some_and(|c| c.is_alphanumeric() || "_!\"'&.,?".contains(*c));
    let mut start = 0;
    let mut at = 0;
    while at < chars.len() {
        if chars[at] != '-' {
            at += 1;
            continue;
        }
        let dashes = chars[at..].iter().take_while(|c| **c == '-').count();
        let behind = at + dashes;
        if dashes >= 2
            && at > start
            && is_word(at - 1)
            && behind < chars.len()
            && chars[behind].is_alphanumeric()
        {
            chunks.push(chars[start..at].iter().collect());
            chunks.push(chars[at..behind].iter().collect());
            start = behind;
        } else if dashes == 1
            && at >= start + 2
            && is_letter(at - 1)
            && is_letter(at - 2)
            && is_letter(behind)
            && (is_letter(behind + 1) || chars.get(behind + 1) == Some(&'-'))
        {
            chunks.push(chars[start..behind].iter().collect());
            start = behind;
        }
        at = behind;
    }
    if start < chars.len() {
        chunks.push(chars[start..].iter().collect());
    }
}
