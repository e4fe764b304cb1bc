//! Where a value stands in a JSON text.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Line and column, both from 1; a column counts characters.
pub(super) type Place = (usize, usize);

/// The places of all values of a JSON text, found by their pointers (RFC 6901).
pub(super) struct Positions<'t> {
    text: &'t str,
    nodes: Nodes<'t>,
}

/// The values in the order of the text. Each knows only its own part of its pointer: whole pointers would take
/// a long name again for every value below it.
#[derive(Default)]
struct Nodes<'t> {
    offsets: Vec<usize>,
    /// By the value they are in.
    inner: BTreeMap<(usize, Part<'t>), usize>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'t> {
    Index(usize),
    Name(Cow<'t, str>),
}

impl Nodes<'_> {
    fn below(&self, node: usize, part: &str) -> Option<usize> {
        let name = Part::Name(Cow::Owned(part.replace("~1", "/").replace("~0", "~")));
        let index = part.parse().ok().map(Part::Index);
        let found = self.inner.get(&(node, name));
        found.or_else(|| self.inner.get(&(node, index?))).copied()
    }
}

impl<'t> Positions<'t> {
    /// `text` is known to be JSON: what does not look like it is passed over.
    pub(super) fn of(text: &'t str) -> Self {
        let mut scanner = Scanner { text, at: 0, nodes: Nodes::default() };
        scanner.value();
        Self { text, nodes: scanner.nodes }
    }

    /// The place of a value, or of the object that lacks it.
    pub(super) fn place(&self, pointer: &str) -> Option<Place> {
        let mut node = 0;
        for part in pointer.split('/').skip(1) {
            let Some(inner) = self.nodes.below(node, part) else { break };
            node = inner;
        }
        place(self.text, *self.nodes.offsets.get(node)?)
    }
}

/// The place of a byte in a text.
pub(super) fn place(text: &str, offset: usize) -> Option<Place> {
    let before = text.get(..offset)?;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    Some((line, before[line_start..].chars().count() + 1))
}

/// A pointer's next part, in the escapes pointers use.
pub(super) fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    nodes: Nodes<'t>,
}

impl<'t> Scanner<'t> {
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|b| b.is_ascii_whitespace() || b",:".contains(b)) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn value(&mut self) {
        let Some(first) = self.peek() else { return };
        let node = self.nodes.offsets.len();
        self.nodes.offsets.push(self.at);
        match first {
            b'{' | b'[' => self.inside(node, first == b'{'),
            b'"' => self.string(),
            _ => {
                let ends = |b: &u8| b.is_ascii_whitespace() || b",]}".contains(b);
                let rest = &self.text.as_bytes()[self.at..];
                self.at += rest.iter().position(ends).unwrap_or(rest.len());
            }
        }
    }

    fn inside(&mut self, node: usize, is_object: bool) {
        self.at += 1;
        for index in 0.. {
            match self.peek() {
                None => return,
                Some(b'}' | b']') => {
                    self.at += 1;
                    return;
                }
                Some(_) => {}
            }
            let part = if is_object { Part::Name(self.name()) } else { Part::Index(index) };
            if self.peek().is_some() {
                self.nodes.inner.insert((node, part), self.nodes.offsets.len());
            }
            self.value();
        }
    }

    /// Taken from the text, if it has no escapes. What is no name has none.
    fn name(&mut self) -> Cow<'t, str> {
        let start = self.at;
        self.string();
        let text = self.text;
        let quoted = text.get(start..self.at).unwrap_or_default();
        match serde_json::from_str::<&str>(quoted) {
            Ok(name) => Cow::Borrowed(name),
            Err(_) => Cow::Owned(serde_json::from_str(quoted).unwrap_or_default()),
        }
    }

    fn string(&mut self) {
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(b) = bytes.get(self.at) {
            self.at += if *b == b'\\' { 2 } else { 1 };
            if *b == b'"' {
                break;
            }
        }
        self.at = self.at.min(bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_place() {
        let text = "{ \"a\\u0062\": [1, {\"x/y~\": \"q\\\"]\"}],\n  \"ä\": {},\t\"z\": -1.5e3\n}\n";
        let positions = Positions::of(text);
        let cases = [
            ("", (1, 1)),
            ("/ab", (1, 14)),
            ("/ab/0", (1, 15)),
            ("/ab/1", (1, 18)),
            ("/ab/1/x~1y~0", (1, 27)),
            ("/ä", (2, 8)),
            ("/z", (2, 17)),
            ("/z/missing/deep", (2, 17)),
            ("/missing", (1, 1)),
        ];
        for (pointer, expected) in cases {
            assert_eq!(positions.place(pointer), Some(expected), "{pointer}");
        }
        assert_eq!(positions.nodes.offsets.len(), 7);
    }

    #[test]
    fn a_long_name_is_kept_once() {
        let (name, count) = ("n".repeat(1_000_000), 200_000);
        let text = format!("{{\"{name}\": [{}0]}}", "0,".repeat(count - 1));
        let place = Positions::of(&text).place(&below(&below("", &name), &(count - 1).to_string()));
        assert_eq!(place, Some((1, text.len() - 2)));
    }

    #[test]
    fn of_names_that_are_there_twice_the_last_one_counts() {
        let positions = Positions::of("{\"a\": {\"x\": 1},\n\"a\": {\"y\": 2}}");
        for (pointer, line, column) in [("/a", 2, 6), ("/a/y", 2, 12), ("/a/x", 2, 6)] {
            assert_eq!(positions.place(pointer), Some((line, column)), "{pointer}");
        }
    }

    #[test]
    fn what_is_no_json_is_passed_over() {
        for text in ["", "{", "[", "{\"a", "{\"a\"", "[\"\\", "}", "{]}", "[1 2", "nul", "{1}"] {
            let _ = Positions::of(text).place("/a");
        }
    }
}
