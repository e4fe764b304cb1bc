//! The ends of a file's lines: what they are, and how what was rendered gets them again.

use super::style::NewLine;

/// How much of a file is looked at in one go.
const CHUNK: usize = 8192;

/// How a file's lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::template) struct NewLines(NewLine);

impl NewLines {
    /// Of a template's file: its first lines tell. Where they differ, `\r` goes before `\n` before `\r\n`.
    pub(in crate::template) fn of(content: &[u8]) -> Self {
        let mut rest = content;
        let mut held_back = false;
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(rest.len().min(CHUNK));
            let (mut cr, mut lf, mut crlf) = (false, false, false);
            let mut bytes = held_back.then_some(b'\r').into_iter().chain(chunk.iter().copied()).peekable();
            // Whether a newline goes on is only known with the next chunk.
            held_back = chunk.ends_with(b"\r") && !after.is_empty();
            while let Some(byte) = bytes.next() {
                match (byte, bytes.peek()) {
                    (b'\r', Some(b'\n')) => {
                        bytes.next();
                        crlf = true;
                    }
                    (b'\r', None) if held_back => {}
                    (b'\r', _) => cr = true,
                    (b'\n', _) => lf = true,
                    _ => {}
                }
            }
            match (cr, lf, crlf) {
                (true, _, _) => return Self(NewLine::Cr),
                (_, true, _) => return Self(NewLine::Lf),
                (_, _, true) => return Self(NewLine::CrLf),
                _ => rest = after,
            }
        }
        Self(NewLine::Lf)
    }

    /// All of them so.
    pub(in crate::template) fn all(new_line: NewLine) -> Self {
        Self(new_line)
    }

    /// The text with its lines ended so.
    pub(in crate::template) fn apply(self, text: String) -> String {
        match self.0 {
            NewLine::Lf => text,
            other => text.replace('\n', other.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_lines_tell() {
        let far = format!("a\n{}\r\n", "x".repeat(CHUNK));
        let late = format!("{}\r\nb\n", "x".repeat(CHUNK - 1));
        for (text, expected) in [
            ("", NewLine::Lf),
            ("a", NewLine::Lf),
            ("a\nb", NewLine::Lf),
            ("a\r\nb\r\n", NewLine::CrLf),
            ("a\rb", NewLine::Cr),
            ("a\r\nb\n", NewLine::Lf),
            ("a\r\nb\rc", NewLine::Cr),
            ("a\r", NewLine::Cr),
            (&far, NewLine::Lf),
            (&late, NewLine::Lf),
        ] {
            assert_eq!(NewLines::of(text.as_bytes()), NewLines::all(expected), "{text:?}");
        }
    }

    #[test]
    fn every_line_gets_the_same_end() {
        assert_eq!(NewLines::of(b"a\r\n").apply("x\ny\n".to_owned()), "x\r\ny\r\n");
    }
}
