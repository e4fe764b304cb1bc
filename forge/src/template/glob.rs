use regex::Regex;

/// Shell patterns as Python's `fnmatch` reads them: `*` crosses `/`, case matters.
pub(super) fn fnmatch(pattern: &str) -> Option<Regex> {
    let mut expression = String::from("(?s)^");
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        match c {
            '*' => expression.push_str(".*"),
            '?' => expression.push('.'),
            '[' => match class(rest.as_str()) {
                Some((class, after)) => {
                    expression.push_str(&class);
                    rest = after.chars();
                }
                None => expression.push_str("\\["),
            },
            other => expression.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    expression.push('$');
    Regex::new(&expression).ok()
}

/// What follows a `[`, as a class of the regular expression, and what follows that.
fn class(rest: &str) -> Option<(String, &str)> {
    let (negated, body) = rest.strip_prefix('!').map_or((false, rest), |body| (true, body));
    // A `]` that comes first stands for itself.
    let first = body.chars().next()?.len_utf8();
    let end = first + body.get(first..)?.find(']')?;
    let members = members(&body[..end]);
    let class = match (members.as_str(), negated) {
        ("", false) => r"[^\s\S]".to_owned(),
        ("", true) => ".".to_owned(),
        (_, false) => format!("[{members}]"),
        (_, true) => format!("[^{members}]"),
    };
    Some((class, &body[end + 1..]))
}

/// The characters and ranges of a class. A range that ends before it begins has nothing in it.
fn members(body: &str) -> String {
    let mut result = String::new();
    let mut rest = body.chars();
    while let Some(first) = rest.next() {
        let mut range = rest.clone();
        match (range.next(), range.next()) {
            (Some('-'), Some(last)) => {
                rest = range;
                if first <= last {
                    result.push_str(&format!("{}-{}", escaped(first), escaped(last)));
                }
            }
            _ => result.push_str(&escaped(first)),
        }
    }
    result
}

/// What means something in a class is escaped, and nothing else may be.
fn escaped(c: char) -> String {
    if r"\][^&~-".contains(c) { format!("\\{c}") } else { c.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_python() {
        for (pattern, path, expected) in [
            ("*.html", "a/b.html", true),
            ("*.html", "a/b.htm", false),
            ("docs/*", "docs/a/b", true),
            ("docs", "docs/a", false),
            ("a?c", "abc", true),
            ("[ab]x", "bx", true),
            ("[!ab]x", "bx", false),
            ("[]]x", "]x", true),
            ("[a-c]", "b", true),
            ("[<>]x", ">x", true),
            ("[€]", "€", true),
            ("[à-ü]", "é", true),
            ("[z-a]", "z", false),
            ("[z-a]", "-", false),
            ("[!z-a]", "z", true),
            ("[z-ab]", "b", true),
            ("[-a]", "-", true),
            ("[a-]", "-", true),
            ("[--0]", ".", true),
            ("[a&&b]", "&", true),
            ("[a~~b]", "b", true),
            ("[[:alpha:]", "h", true),
            ("[\\d]", "1", false),
            ("[\\d]", "\\", true),
            ("[!^]", "^", false),
            ("[^a]", "^", true),
            ("[", "[", true),
            ("a.b", "axb", false),
            ("{{x}}", "{{x}}", true),
        ] {
            assert_eq!(fnmatch(pattern).unwrap().is_match(path), expected, "{pattern} {path}");
        }
    }
}
