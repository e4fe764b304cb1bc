//! Numbers and texts as Python writes them.

/// How many bytes of the text are digits that may be parted by single underscores.
fn digits(text: &str, is_digit: impl Fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes();
    let mut length = 0;
    while let Some(byte) = bytes.get(length) {
        let follows = || bytes.get(length + 1).is_some_and(|next| is_digit(*next));
        match byte {
            b'_' if length > 0 && follows() => length += 2,
            byte if is_digit(*byte) => length += 1,
            _ => break,
        }
    }
    length
}

fn decimal(text: &str) -> usize {
    digits(text, |byte| byte.is_ascii_digit())
}

/// The length of the float the text begins with: it has a fraction or an exponent, or both.
pub(super) fn float_length(text: &str) -> Option<usize> {
    let whole = Some(decimal(text)).filter(|length| *length > 0)?;
    let fraction = text[whole..].strip_prefix('.').map_or(0, decimal);
    let mantissa = if fraction > 0 { whole + 1 + fraction } else { whole };
    let exponent = text[mantissa..].strip_prefix(['e', 'E']).map_or(0, |rest| {
        let sign = usize::from(rest.starts_with(['+', '-']));
        match decimal(&rest[sign..]) {
            0 => 0,
            length => 1 + sign + length,
        }
    });
    (fraction > 0 || exponent > 0).then_some(mantissa + exponent)
}

/// The length of the integer the text begins with, in base 2, 8, 10 or 16.
pub(super) fn integer_length(text: &str) -> Option<usize> {
    let based = |letter: char, is_digit: fn(u8) -> bool| {
        let rest = text.strip_prefix('0')?;
        let rest = rest.strip_prefix(letter).or_else(|| rest.strip_prefix(letter.to_ascii_uppercase()))?;
        let underscore = usize::from(rest.starts_with('_'));
        match digits(&rest[underscore..], is_digit) {
            0 => None,
            length => Some(2 + underscore + length),
        }
    };
    based('b', |byte| matches!(byte, b'0' | b'1'))
        .or_else(|| based('o', |byte| (b'0'..=b'7').contains(&byte)))
        .or_else(|| based('x', |byte| byte.is_ascii_hexdigit()))
        .or_else(|| match text.as_bytes().first()? {
            b'1'..=b'9' => Some(decimal(text)),
            // What begins with a nought has no other digits.
            b'0' => Some(digits(text, |byte| byte == b'0')),
            _ => None,
        })
}

/// The length of the quoted text at the beginning, quotes included.
pub(super) fn string_length(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// What stands between the quotes, with its escapes resolved; `new_line` is what ends its lines.
pub(super) fn unescape(text: &str, new_line: &str) -> Result<String, &'static str> {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\n' => result.push_str(new_line),
            '\\' => rest = escape(rest, &mut result)?,
            other => result.push(other),
        }
    }
    Ok(result)
}

fn escape<'t>(text: &'t str, result: &mut String) -> Result<&'t str, &'static str> {
    let Some(c) = text.chars().next() else { return Err("`\\` at the end of a text") };
    let rest = &text[c.len_utf8()..];
    let simple = match c {
        '\n' => return Ok(rest),
        '\\' | '\'' | '"' => c,
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        'x' => return hexadecimal(rest, 2, result),
        'u' => return hexadecimal(rest, 4, result),
        'U' => return hexadecimal(rest, 8, result),
        'N' => return Err("characters by name are not supported"),
        '0'..='7' => {
            let length = text.bytes().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
            let code = u32::from_str_radix(&text[..length], 8).unwrap_or_default();
            result.extend(char::from_u32(code));
            return Ok(&text[length..]);
        }
        other => {
            result.push('\\');
            other
        }
    };
    result.push(simple);
    Ok(rest)
}

fn hexadecimal<'t>(rest: &'t str, length: usize, result: &mut String) -> Result<&'t str, &'static str> {
    let digits = rest.get(..length).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
    result.push(code.and_then(char::from_u32).ok_or("a wrong escape in a text")?);
    Ok(&rest[length..])
}

/// A text as the engine below reads it: on one line, whatever it holds.
pub(super) fn quoted(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 2);
    result.push('"');
    for c in text.chars() {
        match c {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            c if c.is_control() => result.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => result.push(c),
        }
    }
    result.push('"');
    result
}
