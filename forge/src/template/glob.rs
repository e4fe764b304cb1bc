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
    let escaped: String = body[..end]
        .chars()
        .flat_map(|c| (!c.is_alphanumeric() && c != '-').then_some('\\').into_iter().chain(Some(c)))
        .collect();
    Some((format!("[{}{escaped}]", if negated { "^" } else { "" }), &body[end + 1..]))
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
            ("[", "[", true),
            ("a.b", "axb", false),
            ("{{x}}", "{{x}}", true),
        ] {
            assert_eq!(fnmatch(pattern).unwrap().is_match(path), expected, "{pattern} {path}");
        }
    }
}
