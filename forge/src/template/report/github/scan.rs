/// An expression of GitHub's in a text: bytes from the dollar sign to what ends it.
pub(super) struct Expression {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// All `${{ … }}` in what a template prints as it is: not in `raw`, in a comment, or in an expression.
pub(super) fn expressions(text: &str) -> Vec<Expression> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find("{").map(|next| at + next) {
        let rest = &text[open..];
        at = if rest.starts_with("{#") {
            after(text, open + 2, "#}")
        } else if rest.starts_with("{%") {
            let end = end_of_code(text, open + 2, "%}");
            if is_raw(&text[open..end]) { end_of_raw(text, end) } else { end }
        } else if rest.starts_with("{{") {
            let end = end_of_code(text, open + 2, "}}");
            if text[..open].ends_with('$') {
                // An expression that is never closed takes its line only.
                let line = rest.find('\n').map_or(text.len(), |length| open + length);
                let end = if text[..end].ends_with("}}") { end } else { line };
                found.push(Expression { start: open - 1, end });
                end
            } else {
                end
            }
        } else {
            open + 1
        };
    }
    found
}

fn after(text: &str, from: usize, what: &str) -> usize {
    text[from..].find(what).map_or(text.len(), |at| from + at + what.len())
}

/// The end of an expression or a statement; what stands in quotes does not end it.
fn end_of_code(text: &str, from: usize, end: &str) -> usize {
    let mut quote = None;
    let mut characters = text[from..].char_indices();
    while let Some((at, c)) = characters.next() {
        match quote {
            Some(_) if c == '\\' => drop(characters.next()),
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if text[from + at..].starts_with(end) => return from + at + end.len(),
            None if c == '"' || c == '\'' => quote = Some(c),
            None => {}
        }
    }
    text.len()
}

fn is_raw(statement: &str) -> bool {
    words(statement) == "raw"
}

fn words(statement: &str) -> &str {
    statement.trim_matches(|c: char| "{%}+-".contains(c) || c.is_whitespace())
}

fn end_of_raw(text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(open) = text[at..].find("{%").map(|next| at + next) {
        let end = after(text, open + 2, "%}");
        if words(&text[open..end]) == "endraw" {
            return end;
        }
        at = open + 2;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::expressions;

    #[test]
    fn only_what_is_printed_as_it_is_counts() {
        let cases: [(&str, &[&str]); 14] = [
            ("a ${{ github.ref }} b", &["${{ github.ref }}"]),
            ("${{ a }}${{ b }}", &["${{ a }}", "${{ b }}"]),
            ("{% raw %}${{ a }}{% endraw %}${{ b }}", &["${{ b }}"]),
            ("{%- raw -%}\n{% if %} ${{ a }}{%- endraw -%}${{ b }}", &["${{ b }}"]),
            ("{% raw %}${{ a }}", &[]),
            ("{# ${{ a }} #}${{ b }}", &["${{ b }}"]),
            ("{{ '${{ a }}' }}${{ b }}", &["${{ b }}"]),
            ("{% set x = \"${{ a }} %}\" %}${{ b }}", &["${{ b }}"]),
            ("{{ '\\'${{' }}${{ b }}", &["${{ b }}"]),
            ("${{ format('}}', a) }} c", &["${{ format('}}', a) }}"]),
            ("$ {{ a }} ${a} $${ {b} }", &[]),
            ("${{ never\nclosed", &["${{ never"]),
            ("it's ${{ a }}, isn't it? ${{ b }}", &["${{ a }}", "${{ b }}"]),
            ("é${{ ü }}é{", &["${{ ü }}"]),
        ];
        for (text, expected) in cases {
            let found: Vec<_> = expressions(text).into_iter().map(|it| &text[it.start..it.end]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
