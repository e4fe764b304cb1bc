//! Linearizability: each answer is the one of a single moment between the question and the answer,
//! whatever other clients did meanwhile.

use std::collections::BTreeMap;

use skafu_domain::command::ConflictStrategy;
use skafu_domain::project::{ProjectCommand, PublishedTemplate};
use skafu_domain::{Aggregate, Claim, UniqueName, changed, flatten};
use skafu_events::Commit;
use skafu_functions::Problem;

use super::{Outcome, Recorded};

/// Holds that every answer fits a moment; which one, commits say themselves by their versions.
pub fn every_answer_fits_a_moment_before_it(outcomes: &[Outcome], projects: &BTreeMap<String, Recorded>) {
    for outcome in outcomes {
        let (project, window) =
            (&projects[&outcome.project], Window::of(&outcome.project, outcome, outcomes, projects));
        let written = project.commits.iter().find(|commit| outcome.led_to(commit));
        match (&outcome.answer, written) {
            (Ok(answer), Some(commit)) if answer.version == commit.last_version() => {
                // A twin may have been answered what the other had done before.
                let after_all_known = outcome.twin || commit.first_version > window.from;
                assert!(after_all_known, "not after what was known: {window:?} {outcome:?}");
                assert!(commit.last_version() <= window.to, "{window:?} {outcome:?}");
            }
            (Ok(answer), _) => {
                let fits = (window.from..=window.to).contains(&answer.version);
                assert!(fits, "of a state that was not there then: {window:?} {outcome:?}");
                let says = says(project, answer.version, outcome);
                assert!(matches!(says, Says::Nothing), "there was something to do: {says:?} {outcome:?}");
            }
            (Err(problem), _) => {
                let mut moments = project.moments(window.from, window.to);
                let refused = moments.any(|version| {
                    refuses(says(project, version, outcome), problem, outcome, outcomes, projects)
                });
                assert!(refused, "refused, though at no moment was there a reason: {window:?} {outcome:?}");
            }
        }
    }
}

/// The versions a project may have had while a client waited.
#[derive(Debug)]
struct Window {
    /// Somebody had been told of this one before the question.
    from: u64,
    /// What came later was asked for only after the answer.
    to: u64,
}

impl Window {
    fn of(id: &str, moment: &Outcome, outcomes: &[Outcome], projects: &BTreeMap<String, Recorded>) -> Self {
        let project = &projects[id];
        let told = outcomes.iter().filter(|it| it.project == id && it.answered < moment.invoked);
        let known = told.map(|outcome| match &outcome.answer {
            Ok(answer) => answer.version,
            Err(problem) => problem.current_version.unwrap_or(0),
        });
        let asked = |commit: &&Commit| {
            let senders = outcomes.iter().filter(|outcome| outcome.led_to(commit));
            senders.map(|outcome| outcome.invoked).min().unwrap_or(0)
        };
        let later = project.commits.iter().find(|commit| asked(commit) > moment.answered);
        Self {
            from: known.max().unwrap_or(0).max(project.begun()),
            to: later.map_or(project.head(), |commit| commit.first_version - 1),
        }
    }
}

/// What a command leads to, told from the state alone.
#[derive(Debug)]
enum Says {
    Refused(Problem),
    Moved,
    Nothing,
    Happens(Vec<Claim>),
}

fn says(project: &Recorded, version: u64, outcome: &Outcome) -> Says {
    if !is_as_expected(project, version, outcome) {
        return Says::Moved;
    }
    let command = serde_json::json!({ "command": outcome.sent.command, "data": outcome.sent.body["data"] });
    let command: ProjectCommand = serde_json::from_value(command).unwrap();
    let facts = Some(PublishedTemplate { parameters: Vec::new() });
    match project.at(version).decide(&command, &outcome.sent.principal, &facts) {
        Err(rejection) => Says::Refused(rejection.into()),
        Ok(decision) if decision.events.is_empty() => Says::Nothing,
        Ok(decision) => Says::Happens(decision.claims),
    }
}

/// Whether the sender, who expected some version, would have what is done at this one.
fn is_as_expected(project: &Recorded, version: u64, outcome: &Outcome) -> bool {
    let body = &outcome.sent.body;
    let Some(expected) = body["expectedVersion"].as_u64().filter(|expected| *expected != version) else {
        return true;
    };
    match serde_json::from_value(body["conflictStrategy"].clone()).unwrap() {
        _ if expected > version => false,
        ConflictStrategy::LastWriteWins => true,
        ConflictStrategy::Reject => false,
        ConflictStrategy::Merge => {
            let theirs = changed(&project.at(expected).fields(), &project.at(version).fields());
            let mine = flatten(body["data"].as_object().unwrap());
            let overwrites = |mine: &String, theirs: &String| {
                mine == theirs || mine.strip_prefix(theirs.as_str()).is_some_and(|rest| rest.starts_with('.'))
            };
            !theirs.iter().any(|theirs| mine.keys().any(|mine| overwrites(mine, theirs)))
        }
    }
}

/// Whether that is what the client was told.
fn refuses(
    says: Says,
    told: &Problem,
    outcome: &Outcome,
    outcomes: &[Outcome],
    projects: &BTreeMap<String, Recorded>,
) -> bool {
    match says {
        Says::Refused(problem) => (&problem.code, &problem.rule) == (&told.code, &told.rule),
        Says::Moved => told.code == "CONFLICT",
        Says::Nothing => false,
        Says::Happens(claims) => {
            let mut wanted = claims.iter().filter_map(|claim| match claim {
                Claim::Take(name) => Some(name),
                Claim::Release(_) => None,
            });
            told.code == "NAME_TAKEN" && wanted.any(|name| was_held(name, outcome, outcomes, projects))
        }
    }
}

/// Whether another project may have had the name while the client waited.
fn was_held(
    name: &UniqueName,
    moment: &Outcome,
    outcomes: &[Outcome],
    projects: &BTreeMap<String, Recorded>,
) -> bool {
    let others = projects.iter().filter(|(id, _)| **id != moment.project);
    others.into_iter().any(|(id, project)| {
        let window = Window::of(id, moment, outcomes, projects);
        project.moments(window.from, window.to).any(|version| project.name(version).as_ref() == Some(name))
    })
}
