//! SIGKILL at any moment: what was accepted is finished, and nothing happens twice.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use skafu_events::{AggregateKind, StreamId};
use skafu_store::History;
use skafu_views::{FIRST_GENERATION, Keys, ProjectRow, ProjectView, View};

use crate::support::{ALICE, Api, BUILT_IN, Made, Tables, World, create_project, eventually};

const PROJECT: &[&str] = &[
    "ProjectCreated",
    "ProjectCreationStarted",
    "TemplateSelected",
    "TemplateRendered",
    "ProjectConfigured",
];
const REPOSITORY: &[&str] = &["RepositoryCreated", "RepositoryConfigured"];

const PROJECTS_EACH: usize = 6;

/// When the processes are killed: after how many sixteenths of the time until as many projects are shown as
/// ready, undisturbed. Commands, relay and sagas are at work early in it; the rest is the views' and the look's.
const MOMENTS: [u32; 8] = [0, 1, 2, 3, 4, 6, 8, 11];

fn bodies(round: &str) -> Vec<Value> {
    (0..PROJECTS_EACH)
        .map(|at| create_project(&format!("Round {round} project {at}"), BUILT_IN, json!({})))
        .collect()
}

/// Sends the commands one after the other until one of them finds nobody.
fn send_until_death(api: &Api, bodies: &[Value]) -> Vec<Made> {
    let sent = bodies.iter().map_while(|body| {
        let answer = api.try_post("/commands/project/CreateProject", body.to_string().as_bytes()).ok()?;
        assert_eq!(answer.status, 202, "{answer:?}");
        Some(Made::of(answer.body))
    });
    sent.collect()
}

/// How long that many projects take if nobody is killed: the shorter of two rounds, for the first is a cold start.
fn undisturbed(world: &World) -> Duration {
    let api = world.api(ALICE);
    let round = |name| {
        let begun = Instant::now();
        for made in send_until_death(&api, &bodies(name)) {
            made.ready(&api);
        }
        begun.elapsed()
    };
    round("first").min(round("second"))
}

#[test]
fn every_accepted_project_becomes_ready_whenever_processes_die() {
    let mut world = World::new();
    if let Some(reason) = world.target().uninterruptible() {
        println!("SKIPPED: nothing was killed, so nothing is shown of kills: {reason}");
        return;
    }
    let undisturbed = undisturbed(&world);
    let (mut killed, mut interrupted) = (0, 0);
    for sixteenths in MOMENTS {
        let bodies = bodies(&sixteenths.to_string());
        let (api, sent) = (world.api(ALICE), bodies.clone());
        let client = thread::spawn(move || send_until_death(&api, &sent));
        thread::sleep(undisturbed * sixteenths / 16);
        killed += world.target_mut().interrupt();
        let accepted = client.join().unwrap();

        let api = world.api(ALICE);
        interrupted += accepted.iter().filter(|made| made.seen(&api)["status"] != "ready").count();
        for made in &accepted {
            made.ready(&api);
        }
        // A client that got no answer cannot know: it sends the same again.
        let all: Vec<_> = bodies.iter().map(|body| Made::accepted(&api, body)).collect();
        for (before, after) in accepted.iter().zip(&all) {
            assert_eq!(before.answer, after.answer, "the same command, the same answer");
        }
        for made in &all {
            made.ready(&api);
        }
    }
    let sent = MOMENTS.len() * PROJECTS_EACH;
    println!("{interrupted} of {sent} projects were under way when {killed} processes were killed");
    assert!(killed > 0, "nobody was killed");
    assert!(interrupted > 0, "the kills came too late to show anything");
    check_everything(&world, (MOMENTS.len() + 2) * PROJECTS_EACH);
}

/// What must hold of the tables and the repositories once all is quiet, whatever happened before.
fn check_everything(world: &World, projects: usize) {
    let tables = world.tables();
    let histories = tables.histories_of(&format!("{}/", world.tenant(ALICE.tenant)));
    let mut event_ids = BTreeSet::new();
    let mut counted = 0;
    for (stream, history) in &histories {
        let versions: Vec<_> = envelopes(history).map(|event| event.aggregate_version).collect();
        assert_eq!(versions, (1..=history.version()).collect::<Vec<_>>(), "{stream}: no gap, no double");
        assert!(envelopes(history).all(|event| event_ids.insert(event.event_id)), "{stream}: new event ids");
        let types: Vec<_> = history.events().map(|event| event.event_type.as_str()).collect();
        if stream.kind() == AggregateKind::Project {
            assert_eq!(types, PROJECT, "{stream}: each event once");
            counted += 1;
            let tenant = stream.tenant().clone();
            let repository = StreamId::new(tenant, AggregateKind::Repository, stream.id()).unwrap();
            assert!(histories.contains_key(&repository), "{stream} has a repository");
            check_project(world, &tables, stream, history);
        } else {
            assert_eq!((stream.kind(), &*types), (AggregateKind::Repository, REPOSITORY), "{stream}");
        }
    }
    assert_eq!(counted, projects, "no project was lost or made twice");
}

fn envelopes(history: &History) -> impl Iterator<Item = skafu_events::Envelope> {
    history.commits().iter().flat_map(|commit| commit.envelopes())
}

/// The row is a fresh fold, and the repository is there, once.
fn check_project(world: &World, tables: &Tables, stream: &StreamId, history: &History) {
    let fold = |row, event| ProjectView::apply(row, &event).unwrap();
    let fresh: ProjectRow = envelopes(history).fold(None, fold).unwrap();
    let keys = Keys::new(stream.tenant(), ProjectView::NAME, FIRST_GENERATION);
    let row = eventually("the row of the last version", || {
        tables.row(keys.aggregate(stream)).filter(|row| row.version == history.version())
    });
    assert_eq!(row.content, Some(serde_json::to_value(&fresh).unwrap()), "{stream}: a fresh fold");

    let kept = world.target().repositories(stream.tenant().as_str(), stream.id());
    let commits: Vec<_> = kept.iter().map(|it| &it.main_commit).collect();
    assert_eq!(commits, [&fresh.repository.unwrap().initial_commit_id], "{stream}: one repository, whole");
}
