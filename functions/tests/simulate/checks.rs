use std::collections::{BTreeMap, BTreeSet};

use skafu_domain::project::{Project, ProjectStatus};
use skafu_domain::{Aggregate, changed, schema};
use skafu_events::{Commit, DomainEvent};
use skafu_functions::aggregates;
use skafu_store::{Consistency, EventStore};

use super::{Arena, Outcome};

/// The state after the events up to that version.
pub fn state(commits: &[Commit], version: u64) -> Project {
    let mut state = Project::default();
    let events = commits.iter().flat_map(|commit| &commit.events).take(version as usize);
    for event in events {
        let event =
            <Project as Aggregate>::Event::decode(&event.event_type, event.event_version, &event.data);
        state.evolve(&event.unwrap());
    }
    state
}

/// Everything that must hold of what was answered and of what is on record.
pub async fn check<S: EventStore + 'static>(
    arena: &Arena<S>,
    outcomes: &[Outcome],
) -> BTreeMap<String, Vec<Commit>> {
    let projects = arena.projects(outcomes.iter().map(|outcome| outcome.project.clone())).await;
    projects.values().for_each(|commits| versions_are_dense(commits));
    for outcome in outcomes {
        an_answer_is_what_is_on_record(outcome, &projects);
    }
    for commits in projects.values() {
        commits_follow_one_another_as_answers_did(commits, outcomes);
        each_conflict_was_settled_as_its_sender_chose(commits, outcomes);
    }
    names_have_one_holder(&projects);
    snapshots_show_what_all_events_show(arena, &projects).await;
    projects
}

fn versions_are_dense(commits: &[Commit]) {
    let mut head = 0;
    for commit in commits {
        assert_eq!(commit.first_version, head + 1, "a hole or a double version");
        head = commit.last_version();
    }
}

fn of<'a>(outcome: &Outcome, projects: &'a BTreeMap<String, Vec<Commit>>) -> Vec<&'a Commit> {
    let all = projects.values().flatten();
    let user = outcome.sent.principal.user_id();
    all.filter(|commit| commit.command_id == outcome.command_id && commit.user_id == user).collect()
}

fn an_answer_is_what_is_on_record(outcome: &Outcome, projects: &BTreeMap<String, Vec<Commit>>) {
    let commits = of(outcome, projects);
    assert!(commits.len() <= 1, "a command happened twice: {outcome:?}");
    match (&outcome.answer, commits.first()) {
        (Ok(answer), Some(commit)) => {
            assert_eq!(answer.aggregate_id, commit.stream.id(), "{outcome:?}");
            // The twin of a command may have been told, before it happened, that there was nothing to do.
            let nothing_to_do = outcome.twin && answer.version < commit.first_version;
            assert!(nothing_to_do || answer.version == commit.last_version(), "{outcome:?} {commit:?}");
        }
        (Ok(answer), None) => {
            let head = projects[&outcome.project].last().map_or(0, Commit::last_version);
            assert!(
                (1..=head).contains(&answer.version),
                "nothing to do, in no state there was: {outcome:?}"
            );
            let state = state(&projects[&outcome.project], answer.version);
            let command = serde_json::json!({
                "command": outcome.sent.command, "data": outcome.sent.body["data"]
            });
            let command = serde_json::from_value(command).unwrap();
            let decision = state.decide(&command, &outcome.sent.principal, &None).unwrap();
            assert!(decision.events.is_empty(), "an accepted command is lost: {outcome:?}");
        }
        (Err(_), Some(_)) => assert!(outcome.twin, "a refused command happened: {outcome:?}"),
        (Err(problem), None) => assert!(problem.status < 500, "{outcome:?}"),
    }
}

/// Whoever sends a command after the answer to another comes after it on record, too.
fn commits_follow_one_another_as_answers_did(commits: &[Commit], outcomes: &[Outcome]) {
    let version = |outcome: &Outcome| outcome.answer.as_ref().map_or(0, |answer| answer.version);
    let id = commits.first().map_or("", |commit| commit.stream.id());
    let on_record = |outcome: &&Outcome| {
        let written = |commit: &Commit| {
            commit.command_id == outcome.command_id && commit.last_version() == version(outcome)
        };
        outcome.project == id && commits.iter().any(written)
    };
    let on_record: Vec<&Outcome> = outcomes.iter().filter(on_record).collect();
    for earlier in &on_record {
        for later in outcomes.iter().filter(|it| it.project == id && it.invoked > earlier.answered) {
            // Another's commit is newer; what has nothing to do says so of a state that is no older.
            let same = earlier.command_id == later.command_id;
            let known = later.answer.is_err() || later.twin;
            assert!(same || known || version(later) >= version(earlier), "{earlier:?}\n{later:?}");
            let written = on_record.iter().any(|it| it.command_id == later.command_id);
            let newer = version(later) > version(earlier);
            assert!(same || known || !written || newer, "{earlier:?}\n{later:?}");
        }
    }
}

fn each_conflict_was_settled_as_its_sender_chose(commits: &[Commit], outcomes: &[Outcome]) {
    for commit in commits {
        let Some(outcome) = outcomes.iter().find(|it| it.command_id == commit.command_id) else { continue };
        let Some(expected) = outcome.sent.body["expectedVersion"].as_u64().filter(|_| !outcome.twin) else {
            continue;
        };
        let head = commit.first_version - 1;
        let [base, before, after] =
            [expected, head, commit.last_version()].map(|version| state(commits, version).fields());
        match outcome.sent.body["conflictStrategy"].as_str().unwrap() {
            "reject" => assert_eq!(expected, head, "{outcome:?}"),
            "merge" => {
                let theirs: BTreeSet<_> = changed(&base, &before).into_iter().collect();
                let mine: BTreeSet<_> = changed(&before, &after).into_iter().collect();
                assert!(theirs.is_disjoint(&mine), "{theirs:?} overwritten by {mine:?}: {outcome:?}");
            }
            _ => assert!(expected <= head, "{outcome:?}"),
        }
    }
}

/// The names of projects that are not gone, each with the project's id.
pub fn holders(projects: &BTreeMap<String, Vec<Commit>>) -> Vec<(String, &str)> {
    let live = projects.iter().filter_map(|(id, commits)| {
        let state = state(commits, u64::MAX);
        let gone = matches!(state.status, ProjectStatus::Deleted | ProjectStatus::Failed);
        let name = state.created.filter(|_| !gone)?.name.to_ascii_lowercase();
        Some((name, id.as_str()))
    });
    live.collect()
}

fn names_have_one_holder(projects: &BTreeMap<String, Vec<Commit>>) {
    let mut taken = BTreeMap::new();
    for (name, id) in holders(projects) {
        let other = taken.insert(name.clone(), id);
        assert_eq!(other, None, "{id} has the name {name}, too");
    }
}

async fn snapshots_show_what_all_events_show<S: EventStore + 'static>(
    arena: &Arena<S>,
    projects: &BTreeMap<String, Vec<Commit>>,
) {
    for (id, commits) in projects {
        let stream = arena.project_of(id);
        let inner = arena.store.inner();
        let latest = aggregates::load::<Project>(inner, &stream, Consistency::Strong).await.unwrap();
        let whole = state(commits, u64::MAX);
        let json = |state: &Project| serde_json::to_value(state).unwrap();
        assert_eq!(json(&latest.state), json(&whole), "{id}, from {:?}", latest.history.snapshot());
        assert_eq!(latest.history.version(), commits.last().map_or(0, Commit::last_version));
        if let Some(snapshot) = latest.history.snapshot() {
            assert_eq!(snapshot.schema, *schema::<Project>());
            assert_eq!(snapshot.state, json(&state(commits, snapshot.version)), "{id}: a false snapshot");
        }
    }
}
