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
                at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
                continue;
            }
            b'"' => text_length(rest),
            b'{' | b'[' | b'(' => {
                open += 1;
                scanned.nesting = scanned.nesting.max(open);
                1
            }
            b'}' | b']' | b')' => {
                open = open.saturating_sub(1);
                1
            }
            _ if is_word(byte) => rest.iter().take_while(|byte| is_word(**byte)).count(),
            _ => 1,
        };
        scanned.tokens += 1;
        at += taken;
    }
    scanned
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.' || byte >= 0x80
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
        return bytes.len();
    }
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            // A text ends with its line, or is none.
            b'\n' => return at,
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
            ("\"\"\"never ended \\\"\"\"", 1, 0),
            ("}}}{", 4, 1),
            ("héllo", 1, 0),
            ("\"\\", 1, 0),
        ];
        for (text, tokens, nesting) in cases {
            assert_eq!(scan(text.as_bytes()), Scanned { tokens, nesting }, "{text}");
        }
    }
}
