use std::collections::{BTreeMap, BTreeSet};

use skafu_domain::project::Project;
use skafu_domain::{Aggregate, changed, schema};
use skafu_events::Commit;
use skafu_functions::aggregates;
use skafu_store::{Consistency, EventStore};

use super::order::every_answer_fits_a_moment_before_it;
use super::{Arena, Outcome, Recorded};

/// Everything that must hold of what was answered and of what is on record.
pub async fn check<S: EventStore + 'static>(
    arena: &Arena<S>,
    outcomes: &[Outcome],
) -> BTreeMap<String, Recorded> {
    let projects = arena.projects(outcomes.iter().map(|outcome| outcome.project.clone())).await;
    projects.values().for_each(|commits| versions_are_dense(commits));
    let recorded = |(id, commits)| (id, Recorded::new(commits));
    let projects: BTreeMap<_, _> = projects.into_iter().map(recorded).collect();
    for outcome in outcomes {
        an_answer_is_what_is_on_record(outcome, &projects);
    }
    every_answer_fits_a_moment_before_it(outcomes, &projects);
    for project in projects.values() {
        nothing_is_on_record_that_nobody_sent(project, outcomes);
        each_conflict_was_settled_as_its_sender_chose(project, outcomes);
    }
    names_have_one_holder(&projects);
    snapshots_show_what_all_events_show(arena, &projects).await;
    projects
}

fn versions_are_dense(commits: &[Commit]) {
    let mut head = 0;
    for commit in commits {
        assert_eq!(commit.first_version, head + 1, "a hole or a double version");
        assert!(!commit.events.is_empty(), "a commit of nothing");
        head = commit.last_version();
    }
}

fn an_answer_is_what_is_on_record(outcome: &Outcome, projects: &BTreeMap<String, Recorded>) {
    let all = projects.values().flat_map(|project| &project.commits);
    let commits: Vec<&Commit> = all.filter(|commit| outcome.led_to(commit)).collect();
    assert!(commits.len() <= 1, "a command happened twice: {outcome:?}");
    match (&outcome.answer, commits.first()) {
        (Ok(answer), Some(commit)) => {
            assert_eq!(answer.aggregate_id, commit.stream.id(), "{outcome:?}");
            // The twin of a command may have been told, before it happened, that there was nothing to do.
            let nothing_to_do = outcome.twin && answer.version < commit.first_version;
            assert!(nothing_to_do || answer.version == commit.last_version(), "{outcome:?} {commit:?}");
        }
        (Ok(answer), None) => {
            let head = projects[&outcome.project].head();
            assert!(
                (1..=head).contains(&answer.version),
                "nothing to do, in no state there was: {outcome:?}"
            );
        }
        (Err(_), Some(_)) => assert!(outcome.twin, "a refused command happened: {outcome:?}"),
        (Err(problem), None) => assert!(problem.status < 500, "{outcome:?}"),
    }
}

fn nothing_is_on_record_that_nobody_sent(project: &Recorded, outcomes: &[Outcome]) {
    for commit in project.commits.iter().filter(|commit| commit.first_version > project.begun()) {
        assert!(outcomes.iter().any(|outcome| outcome.led_to(commit)), "nobody sent it: {commit:?}");
    }
}

fn each_conflict_was_settled_as_its_sender_chose(project: &Recorded, outcomes: &[Outcome]) {
    for commit in &project.commits {
        let Some(outcome) = outcomes.iter().find(|it| it.command_id == commit.command_id) else { continue };
        let Some(expected) = outcome.sent.body["expectedVersion"].as_u64().filter(|_| !outcome.twin) else {
            continue;
        };
        let head = commit.first_version - 1;
        match outcome.sent.body["conflictStrategy"].as_str().unwrap() {
            "reject" => assert_eq!(expected, head, "{outcome:?}"),
            "merge" => {
                let [base, before, after] =
                    [expected, head, commit.last_version()].map(|version| project.at(version).fields());
                let theirs: BTreeSet<_> = changed(&base, &before).into_iter().collect();
                let mine: BTreeSet<_> = changed(&before, &after).into_iter().collect();
                assert!(theirs.is_disjoint(&mine), "{theirs:?} overwritten by {mine:?}: {outcome:?}");
            }
            _ => assert!(expected <= head, "{outcome:?}"),
        }
    }
}

/// The names of projects that are not gone, each with the project's id.
pub fn holders(projects: &BTreeMap<String, Recorded>) -> Vec<(String, &str)> {
    let live = projects.iter().filter_map(|(id, project)| {
        let name = project.name(project.head())?;
        Some((name.as_str().to_owned(), id.as_str()))
    });
    live.collect()
}

fn names_have_one_holder(projects: &BTreeMap<String, Recorded>) {
    let mut taken = BTreeMap::new();
    for (name, id) in holders(projects) {
        let other = taken.insert(name.clone(), id);
        assert_eq!(other, None, "{id} has the name {name}, too");
    }
}

async fn snapshots_show_what_all_events_show<S: EventStore + 'static>(
    arena: &Arena<S>,
    projects: &BTreeMap<String, Recorded>,
) {
    for (id, project) in projects {
        let stream = arena.project_of(id);
        let inner = arena.store.inner();
        let latest = aggregates::load::<Project>(inner, &stream, Consistency::Strong).await.unwrap();
        let json = |state: &Project| serde_json::to_value(state).unwrap();
        assert_eq!(json(&latest.state), project.now(), "{id}, from {:?}", latest.history.snapshot());
        assert_eq!(latest.history.version(), project.head());
        if let Some(snapshot) = latest.history.snapshot() {
            assert_eq!(snapshot.schema, *schema::<Project>());
            assert_eq!(snapshot.state, json(project.at(snapshot.version)), "{id}: a false snapshot");
        }
    }
}
