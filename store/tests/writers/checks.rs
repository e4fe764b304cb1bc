use std::collections::{BTreeMap, BTreeSet};

use skafu_events::Commit;
use skafu_store::{Consistency, EventStore};

use super::state::{State, stream};
use super::work::{Intent, NAMES, SCHEMA, STREAMS, Told, insist};

/// Everything that must hold of what writers were told and of what is on record.
pub async fn all(store: &dyn EventStore, seed: u64, told: &[Told]) {
    let mut histories = Vec::new();
    for at in 0..STREAMS {
        let whole = store.load(&stream(seed, at), Consistency::Strong).await.unwrap();
        versions_are_dense(whole.commits());
        let latest = store.load_latest(&stream(seed, at), Consistency::Strong, SCHEMA).await.unwrap();
        assert_eq!(latest.version(), whole.version());
        assert_eq!(State::of(&latest), State::of(&whole), "a snapshot shows another state");
        histories.push(whole);
    }
    let commits: Vec<&Commit> = histories.iter().flat_map(|history| history.commits()).collect();
    each_intent_is_on_record_as_it_was_told(told, &commits);
    for (at, history) in histories.iter().enumerate() {
        versions_follow_one_another_as_answers_did(at, history.commits(), told);
    }
    let states: Vec<State> = histories.iter().map(State::of).collect();
    a_name_has_one_holder_and_is_free_without(store, seed, &states).await;
    for told in told.iter().filter(|told| told.version.is_some()) {
        assert_eq!(insist(store, seed, &told.intent).await, told.version, "told another version at the end");
    }
}

fn versions_are_dense(commits: &[Commit]) {
    let mut head = 0;
    for commit in commits {
        assert_eq!(commit.first_version, head + 1, "a hole or a double version");
        head = commit.last_version();
    }
}

fn each_intent_is_on_record_as_it_was_told(all: &[Told], commits: &[&Commit]) {
    let ids: BTreeSet<_> = commits.iter().map(|commit| commit.command_id).collect();
    assert_eq!(ids.len(), commits.len(), "an intent is on record twice");
    assert!(commits.iter().all(|commit| all.iter().any(|told| told.led_to(commit))), "nobody's commit");
    let mut versions = BTreeMap::new();
    for told in all {
        let commit = commits.iter().find(|commit| told.led_to(commit));
        match (told.version, commit) {
            (Some(version), Some(commit)) => {
                assert_eq!(version, commit.last_version(), "{told:?}");
                assert_eq!(commit.events.len(), told.intent.events, "{told:?}");
                let same = *versions.entry(told.intent.command).or_insert(version);
                assert_eq!(same, version, "twins were told different versions");
            }
            (Some(_), None) => panic!("an acknowledged commit is lost: {told:?}"),
            // Its twin may have had more luck with the name.
            (None, Some(commit)) => {
                let twin = all.iter().any(|twin| twin.version.is_some() && twin.led_to(commit));
                assert!(twin, "a refused intent is on record: {told:?}");
            }
            (None, None) => assert!(told.intent.name.is_some(), "refused for no reason: {told:?}"),
        }
    }
}

/// Linearizability: what was told before a question comes before what the question led to, and what was
/// asked after an answer comes after it.
fn versions_follow_one_another_as_answers_did(at: usize, commits: &[Commit], told: &[Told]) {
    let here = || told.iter().filter(|told| told.intent.stream == at);
    for commit in commits {
        let mine: Vec<&Told> = here().filter(|told| told.led_to(commit)).collect();
        let asked = mine.iter().map(|told| told.invoked).min().unwrap();
        let known = here().filter(|other| other.answered < asked).filter_map(|other| other.version).max();
        assert!(known.is_none_or(|known| commit.first_version > known), "before what was known: {commit:?}");
    }
}

async fn a_name_has_one_holder_and_is_free_without(store: &dyn EventStore, seed: u64, states: &[State]) {
    for (at, name) in NAMES.into_iter().enumerate() {
        let holders = states.iter().filter(|state| state.name.as_deref() == Some(name)).count();
        assert!(holders <= 1, "{name} has {holders} holders");
        let fresh = Intent { command: 900 + at as u128, stream: STREAMS + at, events: 1, name: Some(name) };
        let taken = insist(store, seed, &fresh).await;
        assert_eq!(taken.is_none(), holders == 1, "{name} has {holders} holders");
    }
}
