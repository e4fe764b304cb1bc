//! Many cases in one test: all of them are run, and all that do not hold are told.

use std::collections::BTreeMap;
use std::fmt::Display;

/// What a test has found in its cases.
#[derive(Default)]
pub struct Report {
    cases: usize,
    problems: Vec<String>,
    came: BTreeMap<String, usize>,
}

impl Report {
    /// Notes where a case ended, and whatever does not hold of it.
    pub fn case(&mut self, case: impl Display, came: impl std::fmt::Debug, problems: Vec<String>) {
        self.cases += 1;
        *self.came.entry(format!("{came:?}")).or_default() += 1;
        self.problems.extend(problems.into_iter().map(|problem| format!("{case}: {problem}")));
    }

    /// # Panics
    /// If anything does not hold, or nothing was looked at.
    pub fn conclude(self, what: &str) {
        println!("{what}: {} cases, {} problems; ended {:?}", self.cases, self.problems.len(), self.came);
        assert!(self.cases > 0, "no case");
        let shown = self.problems.iter().take(60).cloned().collect::<Vec<_>>().join("\n");
        assert!(self.problems.is_empty(), "{} of them do not hold:\n{shown}", self.problems.len());
    }
}
