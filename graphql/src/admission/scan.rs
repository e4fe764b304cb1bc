use super::limits::{MAX_DOCUMENT_BYTES, MAX_NESTING, MAX_TOKENS, within};
use super::refusal::Refusal;

/// What a document consists of, without reading it: the reader's own work grows with both.
#[derive(Debug, Default, PartialEq, Eq)]
struct Scanned {
    tokens: usize,
    nesting: usize,
}

/// Holds a document to the limits that protect its reader.
pub(super) fn check(document: &str) -> Result<(), Refusal> {
    within("bytes of the document", document.len(), MAX_DOCUMENT_BYTES)?;
    let scanned = scan(document.as_bytes());
    within("tokens of the document", scanned.tokens, MAX_TOKENS)?;
    within("nesting of the document", scanned.nesting, MAX_NESTING)
}

/// What is no GraphQL is counted somehow; its reader says so.
fn scan(text: &[u8]) -> Scanned {
    let (mut scanned, mut open, mut at) = (Scanned::default(), 0_usize, 0);
    while let Some(&byte) = text.get(at) {
        let rest = text.get(at..).unwrap_or_default();
        let taken = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at += rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
                continue;
            }
            // A byte order mark is a space.
            0xEF if rest.starts_with("\u{feff}".as_bytes()) => {
                at += 3;
                continue;
            }
            b'"' => text_length(rest),
            b'.' if rest.starts_with(b"...") => 3,
            b'{' | b'[' | b'(' => {
                open += 1;
                scanned.nesting = scanned.nesting.max(open);
                1
            }
            b'}' | b']' | b')' => {
                open = open.saturating_sub(1);
                1
            }
            _ if is_word(byte) => word_length(rest),
            _ => 1,
        };
        scanned.tokens += 1;
        at += taken;
    }
    scanned
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// How many bytes the name or number at the beginning of these has.
fn word_length(bytes: &[u8]) -> usize {
    let ends = |at: usize| {
        let rest = bytes.get(at..).unwrap_or_default();
        let is_fraction = rest.starts_with(b".") && !rest.starts_with(b"...") && at > 0;
        rest.starts_with("\u{feff}".as_bytes())
            || !rest.first().is_some_and(|byte| is_word(*byte) || is_fraction)
    };
    (1..bytes.len()).find(|at| ends(*at)).unwrap_or(bytes.len())
}

/// How many bytes the text at the beginning of these has, quotes and all.
fn text_length(bytes: &[u8]) -> usize {
    if let Some(block) = bytes.strip_prefix(b"\"\"\"") {
        let mut at = 0;
        while let Some(rest) = block.get(at..).filter(|rest| !rest.is_empty()) {
            match rest {
                [b'\\', b'"', b'"', b'"', ..] => at += 4,
                [b'"', b'"', b'"', ..] => return 3 + at + 3,
                _ => at += 1,
            }
        }
        // One that never ends is an empty text, and what comes after it counts.
        return 2;
    }
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            // A text ends with its line, or is none.
            b'\n' | b'\r' => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_nesting_are_counted_outside_of_texts_and_comments() {
        let cases = [
            ("", 0, 0),
            ("{ a }", 3, 1),
            ("{a(b:[1,2.5]){c}}", 14, 3),
            ("# {{{\n{ a } # }", 3, 1),
            (r#"{ a(b: "{{ \" {{") }"#, 8, 2),
            ("{ a(b: \"\"\"{{ \" \\\"\"\" {{\"\"\") }", 8, 2),
            ("\"never ended", 1, 0),
            ("\"\"\"x\" {{ b", 5, 2),
            ("#\r{{#\r\n{", 3, 3),
            ("...a...a... on B", 7, 0),
            ("a\u{feff}b\u{feff}\u{feff}c", 3, 0),
            ("{a(x: -1.5e3)}", 9, 2),
            ("}}}{", 4, 1),
            ("héllo", 1, 0),
            ("\"\\", 1, 0),
        ];
        for (text, tokens, nesting) in cases {
            assert_eq!(scan(text.as_bytes()), Scanned { tokens, nesting }, "{text}");
        }
    }
}
