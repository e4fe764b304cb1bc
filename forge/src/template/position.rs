//! Where a value stands in a JSON text.

use std::collections::BTreeMap;

/// Line and column, both from 1; a column counts characters.
pub(super) type Place = (usize, usize);

/// The places of all values of a JSON text, by their pointers (RFC 6901).
pub(super) struct Positions<'t> {
    text: &'t str,
    offsets: BTreeMap<String, usize>,
}

impl<'t> Positions<'t> {
    /// `text` is known to be JSON: what does not look like it is passed over.
    pub(super) fn of(text: &'t str) -> Self {
        let mut scanner = Scanner { text, at: 0, pointer: String::new(), offsets: BTreeMap::new() };
        scanner.value();
        Self { text, offsets: scanner.offsets }
    }

    /// The place of a value, or of the object that lacks it.
    pub(super) fn place(&self, pointer: &str) -> Option<Place> {
        let mut pointer = pointer;
        loop {
            if let Some(offset) = self.offsets.get(pointer) {
                return place(self.text, *offset);
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
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
    pointer: String,
    offsets: BTreeMap<String, usize>,
}

impl Scanner<'_> {
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|b| b.is_ascii_whitespace() || b",:".contains(b)) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn value(&mut self) {
        let Some(first) = self.peek() else { return };
        self.offsets.insert(self.pointer.clone(), self.at);
        match first {
            b'{' | b'[' => self.inside(first == b'{'),
            b'"' => self.string(),
            _ => {
                let ends = |b: &u8| b.is_ascii_whitespace() || b",]}".contains(b);
                let rest = &self.text.as_bytes()[self.at..];
                self.at += rest.iter().position(ends).unwrap_or(rest.len());
            }
        }
    }

    fn inside(&mut self, is_object: bool) {
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
            let name = if is_object { self.name() } else { index.to_string() };
            let outer = self.pointer.len();
            self.pointer = below(&self.pointer, &name);
            self.value();
            self.pointer.truncate(outer);
        }
    }

    fn name(&mut self) -> String {
        let start = self.at;
        self.string();
        serde_json::from_str(&self.text[start..self.at]).unwrap_or_default()
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
        assert_eq!(positions.offsets.len(), 7);
    }

    #[test]
    fn what_is_no_json_is_passed_over() {
        for text in ["", "{", "[", "{\"a", "{\"a\"", "[\"\\", "}", "{]}", "[1 2", "nul", "{1}"] {
            let _ = Positions::of(text).place("/a");
        }
    }
}
