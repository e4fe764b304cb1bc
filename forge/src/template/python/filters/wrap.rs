//! Long lines broken into shorter ones.

use minijinja::{Environment, Error, Value};

use super::add_filter;
use crate::template::python::args::{bind, misuse};
use crate::template::python::markup::text_of;
use crate::template::python::repr::MAX_TEXT;
use crate::template::python::sequence::MAX_ITEMS;
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
        // Lines of one character each take much more than their text.
        let most = (MAX_TEXT / end.len().max(1)).min(MAX_ITEMS);
        let mut lines = Vec::new();
        for line in strings::call(&text, "splitlines", &[])?.try_iter()? {
            let before = lines.len();
            wrapping.wrap(&text_of(&line)?, most, &mut lines)?;
            if lines.len() == before {
                lines.push(String::new());
            }
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

/// Whether it has no more characters than these.
fn fits(chunk: &str, room: usize) -> bool {
    chunk.chars().nth(room).is_none()
}

impl Wrapping {
    /// Adds the lines of one paragraph; there may be `most` of all paragraphs.
    fn wrap(&self, text: &str, most: usize, lines: &mut Vec<String>) -> Result<(), Error> {
        let mut chunks = self.chunks(text);
        chunks.reverse();
        let first = lines.len();
        while !chunks.is_empty() {
            let mut line: Vec<&str> = Vec::new();
            let mut length = 0;
            let is_blank_chunk = |chunk: &&str| chunk.chars().all(is_blank);
            if lines.len() > first && chunks.last().is_some_and(is_blank_chunk) {
                chunks.pop();
            }
            while let Some(chunk) = chunks.pop_if(|chunk| fits(chunk, self.width - length)) {
                length += chunk.chars().count();
                line.push(chunk);
            }
            if let Some(chunk) = chunks.pop_if(|chunk| !fits(chunk, self.width)) {
                self.long_chunk(chunk, &mut line, length, &mut chunks);
            }
            line.pop_if(|chunk| is_blank_chunk(chunk));
            if !line.is_empty() {
                lines.push(line.concat());
            }
            if lines.len() > most {
                return Err(misuse("the text has too many lines"));
            }
        }
        Ok(())
    }

    /// What is longer than a line is broken, or gets a line of its own.
    fn long_chunk<'t>(
        &self,
        chunk: &'t str,
        line: &mut Vec<&'t str>,
        length: usize,
        chunks: &mut Vec<&'t str>,
    ) {
        if !self.breaks_words {
            if line.is_empty() {
                line.push(chunk)
            } else {
                chunks.push(chunk)
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
        let (head, rest) = chunk.split_at(at);
        line.push(head);
        if !rest.is_empty() {
            chunks.push(rest);
        }
    }

    /// Words and the blanks between them.
    fn chunks<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let mut chunks = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let blank = is_blank(first);
            let end = rest.find(|c| is_blank(c) != blank).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            if blank || !self.breaks_at_hyphens {
                chunks.push(word);
            } else {
                split_word(word, &mut chunks);
            }
            rest = after;
        }
        chunks
    }
}

/// A word may end behind a hyphen between letters, and before and behind a dash of two hyphens.
fn split_word<'t>(word: &'t str, chunks: &mut Vec<&'t str>) {
    let chars: Vec<(usize, char)> = word.char_indices().collect();
    let c = |at: usize| chars.get(at).map(|(_, c)| *c);
    let byte = |at: usize| chars.get(at).map_or(word.len(), |(byte, _)| *byte);
    let is_letter = |at: usize| c(at).is_some_and(|c| c.is_alphabetic() || c == '_');
    let is_word = |at: usize| c(at).is_some_and(|c| c.is_alphanumeric() || "_!\"'&.,?".contains(c));
    let (mut start, mut at) = (0, 0);
    while at < chars.len() {
        if c(at) != Some('-') {
            at += 1;
            continue;
        }
        let behind = at + chars[at..].iter().take_while(|(_, c)| *c == '-').count();
        if behind - at >= 2 {
            if at > start && is_word(at - 1) && c(behind).is_some_and(char::is_alphanumeric) {
                chunks.extend([&word[byte(start)..byte(at)], &word[byte(at)..byte(behind)]]);
                start = behind;
            }
        } else if at >= start + 2
            && (at - 2..at).all(is_letter)
            && is_letter(behind)
            && (is_letter(behind + 1) || c(behind + 1) == Some('-'))
        {
            chunks.push(&word[byte(start)..byte(behind)]);
            start = behind;
        }
        at = behind;
    }
    if start < chars.len() {
        chunks.push(&word[byte(start)..]);
    }
}
