//! Upper and lower case, and kinds of characters, as Python's texts know them.

/// Whether it is one of the two cases; letters without case are neither.
fn is_cased(c: char) -> bool {
    c.is_uppercase() || c.is_lowercase() || is_title_case(c)
}

/// Letters of two characters of which the first is upper case.
fn is_title_case(c: char) -> bool {
    matches!(c, 'ǅ' | 'ǈ' | 'ǋ' | 'ǲ' | '\u{1f88}'..='\u{1f8f}' | '\u{1f98}'..='\u{1f9f}' | '\u{1fa8}'..='\u{1faf}' | '\u{1fbc}' | '\u{1fcc}' | '\u{1ffc}')
}

/// The first letter of a word.
fn titled(c: char, result: &mut String) {
    match c {
        'Ǆ' | 'ǅ' | 'ǆ' => result.push('ǅ'),
        'Ǉ' | 'ǈ' | 'ǉ' => result.push('ǈ'),
        'Ǌ' | 'ǋ' | 'ǌ' => result.push('ǋ'),
        'Ǳ' | 'ǲ' | 'ǳ' => result.push('ǲ'),
        'ß' => result.push_str("Ss"),
        'ﬁ' => result.push_str("Fi"),
        'ﬂ' => result.push_str("Fl"),
        other => result.extend(other.to_uppercase()),
    }
}

/// Every word's first letter in upper case, the others in lower case; words end where letters end.
pub(super) fn title(s: &str) -> String {
    let mut result = String::with_capacity(s.len());
    let mut in_word = false;
    for c in s.chars() {
        if in_word {
            result.extend(c.to_lowercase());
        } else {
            titled(c, &mut result);
        }
        in_word = is_cased(c);
    }
    result
}

/// The first character in upper case, all others in lower case.
pub(super) fn capitalized(s: &str) -> String {
    let mut chars = s.chars();
    let mut result = String::with_capacity(s.len());
    if let Some(first) = chars.next() {
        titled(first, &mut result);
        result.push_str(&chars.as_str().to_lowercase());
    }
    result
}

pub(super) fn swapped(s: &str) -> String {
    let mut result = String::with_capacity(s.len());
    for c in s.chars() {
        match c {
            c if c.is_uppercase() => result.extend(c.to_lowercase()),
            c if c.is_lowercase() => result.extend(c.to_uppercase()),
            c => result.push(c),
        }
    }
    result
}

/// Without case, to compare: lower case, and the few letters that only then are the same.
pub(super) fn folded(s: &str) -> String {
    let upper_and_lower = |c: char| match c {
        'ß' | 'ẞ' => "ss".to_owned(),
        'ς' => "σ".to_owned(),
        'ſ' => "s".to_owned(),
        'ﬀ'..='ﬆ' => c.to_uppercase().flat_map(char::to_lowercase).collect(),
        'µ' => "μ".to_owned(),
        other => other.to_lowercase().collect(),
    };
    s.chars().map(upper_and_lower).collect()
}

pub(super) fn is_lower(s: &str) -> bool {
    s.chars().any(char::is_lowercase) && !s.chars().any(|c| c.is_uppercase() || is_title_case(c))
}

pub(super) fn is_upper(s: &str) -> bool {
    s.chars().any(char::is_uppercase) && !s.chars().any(|c| c.is_lowercase() || is_title_case(c))
}

pub(super) fn is_title(s: &str) -> bool {
    let (mut any, mut after_cased) = (false, false);
    for c in s.chars() {
        let is_upper = c.is_uppercase() || is_title_case(c);
        if (is_upper && after_cased) || (c.is_lowercase() && !after_cased) {
            return false;
        }
        after_cased = is_cased(c);
        any |= after_cased;
    }
    any
}

pub(super) fn is_identifier(s: &str) -> bool {
    let is_letter = |c: char| c == '_' || c.is_alphabetic();
    s.starts_with(is_letter) && s.chars().all(|c| is_letter(c) || c.is_alphanumeric() && !is_superscript(c))
}

fn is_superscript(c: char) -> bool {
    matches!(c, '²' | '³' | '¹' | '¼'..='¾' | '\u{2070}'..='\u{2089}' | '\u{2150}'..='\u{2189}' | '\u{2460}'..='\u{24ff}')
}

/// A digit of a decimal system.
pub(super) fn is_decimal(c: char) -> bool {
    // Decimal digits come in runs of ten that begin at these code points.
    const STARTS: [u32; 36] = [
        0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
        0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0,
        0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xff10,
    ];
    let code = u32::from(c);
    STARTS.iter().any(|start| (*start..start + 10).contains(&code)) || (0x1d7ce..=0x1d7ff).contains(&code)
}

/// A digit, raised and circled ones among them.
pub(super) fn is_digit(c: char) -> bool {
    is_decimal(c)
        || matches!(c, '²' | '³' | '¹' | '\u{2070}' | '\u{2074}'..='\u{2079}' | '\u{2080}'..='\u{2089}' | '\u{2460}'..='\u{2468}')
}
