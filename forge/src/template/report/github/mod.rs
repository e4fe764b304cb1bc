//! Expressions of GitHub Actions, `${{ … }}`, look like our own: outside of `raw` they are rendered.

mod scan;

use super::super::position::place;
use super::super::{Finding, FindingCode, Layout};
use super::Subject;
use scan::{Expression, expressions};

/// What only GitHub's expressions begin a name with.
const CONTEXTS: [&str; 10] =
    ["github", "secrets", "matrix", "env", "steps", "needs", "runner", "inputs", "vars", "jobs"];

/// The most characters of an expression that a message repeats.
const MAX_SHOWN: usize = 60;

/// All of a native template's.
pub(super) fn errors(subject: &Subject<'_>) -> Vec<Finding> {
    if subject.template.layout != Layout::Native {
        return Vec::new();
    }
    let each = |(path, text)| expressions(text).into_iter().map(move |it| finding(path, text, &it));
    subject.texts().flat_map(each).collect()
}

/// A text without GitHub's expressions, everything else at its place: so that what is wrong beside them is found,
/// and nothing of them is told twice.
pub(super) fn blanked(text: &str) -> String {
    let mut rest = text.to_owned();
    for expression in expressions(text).into_iter().rev() {
        let blank = |c: char| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) };
        let blanks: String = text[expression.start..expression.end].chars().map(blank).collect();
        rest.replace_range(expression.start..expression.end, &blanks);
    }
    rest
}

/// Those of a cookiecutter template that are hardly its own: `${{ cookiecutter.x }}` is.
pub(super) fn warnings(subject: &Subject<'_>) -> Vec<Finding> {
    let options = subject.template.variables.entries().iter().find(|(name, _)| name == "_jinja2_env_vars");
    let other_delimiters = options.is_some_and(|(_, options)| !options["variable_start_string"].is_null());
    if subject.template.layout != Layout::Cookiecutter || other_delimiters {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    for (path, text) in subject.texts() {
        let foreign = expressions(text).into_iter().filter(|it| names_a_context(&text[it.start..it.end]));
        warnings.extend(foreign.map(|expression| finding(path, text, &expression).into_warning()));
    }
    warnings
}

fn finding(path: &str, text: &str, expression: &Expression) -> Finding {
    let shown = text[expression.start..expression.end].lines().next().unwrap_or_default();
    let shown: String = shown.chars().take(MAX_SHOWN).collect();
    let message = format!(
        "`{shown}` looks like an expression of GitHub Actions and would be rendered here: \
         write {{% raw %}}{shown}{{% endraw %}}"
    );
    Finding::new(FindingCode::InvalidTemplateSyntax, path, message).placed(place(text, expression.start))
}

fn names_a_context(expression: &str) -> bool {
    CONTEXTS.iter().any(|context| {
        expression.match_indices(context).any(|(at, _)| {
            let before = expression[..at].chars().next_back();
            let is_inside = before.is_some_and(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
            !is_inside && expression[at + context.len()..].starts_with('.')
        })
    })
}
