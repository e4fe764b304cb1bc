mod definition;
mod deployment;
mod nested;
mod refusals;
mod template;

use super::*;

/// A template with one of everything that is built, small enough to break in one place.
fn small() -> String {
    include_str!("small.yaml").to_owned()
}

/// The problems of the small template after one replacement.
fn broken(from: &str, to: &str) -> Vec<Problem> {
    let text = small();
    assert_eq!(text.matches(from).count(), 1, "{from:?} must stand once in the small template");
    Stack::load(&text.replace(from, to)).unwrap_err().0
}
