//! Several writers, a store that lags, fails and loses answers: still every command happens at most once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::support::{
    Answer, Faults, Person, Random, Seen, World, ada, alice, bob, project, text_files, vera,
};
use serde_json::{Value, json};
use skafu_events::AggregateKind;
use skafu_store::Consistency;
use tokio::task::JoinSet;
use uuid::Uuid;

const SEEDS: u64 = 200;

fn body(data: Value) -> Value {
    json!({ "commandId": Uuid::now_v7(), "data": data })
}

fn upload(text: &str) -> Value {
    json!({ "templateId": "tiny", "files": text_files(&[("a", text)]) })
}

/// Whatever it reads eventually consistent, it reads as if nothing had ever happened.
fn lagging(world: &World) {
    world.store.suffer(Faults { lag: usize::MAX, ..Faults::default() });
}

#[tokio::test]
async fn twins_of_one_command_make_one_commit_and_get_one_answer() {
    let world = World::new().await;
    let whole = body(project("Shop", "tiny"));
    let alice = alice();
    let send = || world.post(&alice, "project", "CreateProject", &whole);
    let (one, other) = tokio::join!(send(), send());
    assert_eq!((one.status, &one), (202, &other));
    let id = one.body["aggregateId"].as_str().unwrap();
    assert_eq!(world.commits(AggregateKind::Project, id).len(), 1);
}

#[tokio::test]
async fn two_writers_of_one_target_take_turns() {
    let world = World::new().await;
    let (first, second) = (body(upload("one")), body(upload("two")));
    let alice = alice();
    let send = |whole| world.post(&alice, "template", "UploadTemplateFiles", whole);
    let (one, other) = tokio::join!(send(&first), send(&second));
    let versions = BTreeSet::from([one.body["version"].as_u64(), other.body["version"].as_u64()]);
    assert_eq!(versions, BTreeSet::from([Some(4), Some(5)]), "{one:?} {other:?}");
}

#[tokio::test]
async fn of_two_writers_who_expect_the_same_version_one_wins() {
    let world = World::new().await;
    let expecting = |text| {
        let mut whole = body(upload(text));
        whole["expectedVersion"] = json!(3);
        whole
    };
    let (first, second) = (expecting("one"), expecting("two"));
    let alice = alice();
    let send = |whole| world.post(&alice, "template", "UploadTemplateFiles", whole);
    let (one, other) = tokio::join!(send(&first), send(&second));
    let refused = if one.status == 200 { &other } else { &one };
    assert_eq!(one.status + other.status, 200 + 409);
    refused.refused(409, "CONFLICT");
    assert_eq!(refused.body["currentVersion"], 4);
}

#[tokio::test]
async fn of_two_projects_of_one_name_one_is_made() {
    let world = World::new().await;
    let (alice, bob) = (alice(), bob());
    let (first, second) = (body(project("Shop", "tiny")), body(project("shop", "tiny")));
    let (one, other) = tokio::join!(
        world.post(&alice, "project", "CreateProject", &first),
        world.post(&bob, "project", "CreateProject", &second)
    );
    let refused = if one.status == 202 { &other } else { &one };
    assert_eq!(one.status + other.status, 202 + 409);
    refused.refused(409, "NAME_TAKEN");
}

#[tokio::test]
async fn a_command_accepted_a_moment_ago_is_known_even_to_a_read_that_lags() {
    let world = World::new().await;
    let create = body(project("Shop", "tiny"));
    let first = world.post(&alice(), "project", "CreateProject", &create).await;
    let change = body(upload("one"));
    let changed = world.post(&alice(), "template", "UploadTemplateFiles", &change).await;
    lagging(&world);
    assert_eq!(world.post(&alice(), "project", "CreateProject", &create).await, first);
    assert_eq!(world.post(&alice(), "template", "UploadTemplateFiles", &change).await, changed);
    let mut other = create.clone();
    other["data"]["name"] = json!("Other");
    let refused = world.post(&alice(), "project", "CreateProject", &other).await;
    refused.refused(409, "IDEMPOTENCY_MISMATCH");
}

#[tokio::test]
async fn what_a_lagging_read_would_refuse_is_accepted() {
    let world = World::new().await;
    lagging(&world);
    world.create_project(&alice(), "Shop", "tiny").await;
    let mut expecting = body(upload("one"));
    expecting["expectedVersion"] = json!(3);
    let answer = world.post(&alice(), "template", "UploadTemplateFiles", &expecting).await;
    assert_eq!((answer.status, &answer.body["version"]), (200, &json!(4)), "{}", answer.body);
}

#[tokio::test]
async fn what_a_lagging_read_would_allow_is_refused() {
    let world = World::new().await;
    lagging(&world);
    let again = json!({ "templateId": "tiny", "name": "Again" });
    world.send(&ada(), "template", "CreateTemplate", again).await.refused(409, "ALREADY_EXISTS");
    // Who owns the template stands in the commits the read misses.
    world.send(&bob(), "template", "UploadTemplateFiles", upload("x")).await.refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn whoever_is_refused_is_refused_by_a_strongly_consistent_read() {
    let world = World::new().await;
    world.create_project(&alice(), "Shop", "tiny").await;
    let mut expecting = body(upload("x"));
    expecting["expectedVersion"] = json!(1);
    let cases: [(Person, &str, &str, Value); 7] = [
        (bob(), "project", "CreateProject", body(project("Shop", "tiny"))),
        (alice(), "project", "CreateProject", body(project("Other", "unheard-of"))),
        (vera(), "project", "CreateProject", body(project("Other", "tiny"))),
        (bob(), "template", "UploadTemplateFiles", body(upload("x"))),
        (alice(), "template", "UploadTemplateFiles", expecting),
        (alice(), "template", "CreateTemplate", body(json!({ "templateId": "tiny", "name": "T" }))),
        (alice(), "template", "PublishTemplate", body(json!({ "templateId": "none" }))),
    ];
    for (person, context, command, whole) in cases {
        world.store.take_seen();
        let refused = world.post(&person, context, command, &whole).await;
        assert!(refused.status >= 400, "{command}");
        let loads: Vec<_> = world.store.take_seen().into_iter().filter(|it| *it != Seen::Append).collect();
        assert_eq!(loads.first(), Some(&Seen::Load(Consistency::Eventual)), "{command}");
        assert_eq!(loads.last(), Some(&Seen::Load(Consistency::Strong)), "{command}: {}", refused.body);
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_told_as_such() {
    let world = World::new().await;
    world.store.suffer(Faults { outages: 1, ..Faults::default() });
    let refused = world.send(&alice(), "project", "CreateProject", project("Shop", "tiny")).await;
    refused.refused(503, "RETRYABLE_ERROR");
    assert!(!refused.body.to_string().contains("injected"), "the inside is nobody's business");
}

/// Sends it until there is an answer that sending it again would not change.
async fn insist(world: &World, person: &Person, context: &str, command: &str, whole: &Value) -> Answer {
    loop {
        let answer = world.post(person, context, command, whole).await;
        if !matches!((answer.status, answer.code()), (503, _) | (409, "CONFLICT")) {
            return answer;
        }
    }
}

/// Four clients send the same six commands in different orders while everything goes wrong.
async fn everything_goes_wrong(seed: u64) {
    let world = Arc::new(World::new().await);
    world.store.seed(seed);
    let mut random = Random::new(seed);
    world.store.suffer(Faults {
        lag: random.below(4),
        losing: random.below(40),
        failing: random.below(30),
        ..Faults::default()
    });
    let commands: Vec<(Person, &str, &str, Value)> = vec![
        (alice(), "project", "CreateProject", body(project("Shop", "tiny"))),
        (ada(), "project", "CreateProject", body(project("shop", "tiny"))),
        (bob(), "project", "CreateProject", body(project("Blog", "tiny"))),
        (alice(), "template", "UploadTemplateFiles", body(upload("one"))),
        (ada(), "template", "UploadTemplateFiles", body(upload("two"))),
        (bob(), "template", "UploadTemplateFiles", body(upload("three"))),
    ];
    let mut clients = JoinSet::new();
    for _ in 0..4 {
        let (world, mut commands) = (Arc::clone(&world), commands.clone());
        random.shuffle(&mut commands);
        clients.spawn(async move {
            let mut answers = Vec::new();
            for (person, context, command, whole) in &commands {
                let id = whole["commandId"].as_str().unwrap().to_owned();
                answers.push((id, insist(&world, person, context, command, whole).await));
            }
            answers
        });
    }
    let mut answers: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
    for (id, answer) in clients.join_all().await.into_iter().flatten() {
        answers.entry(id).or_default().push(answer);
    }
    for (id, answers) in &answers {
        let commits = world.commits_of(id.parse().unwrap());
        assert!(answers.iter().all(|answer| answer == &answers[0]), "seed {seed}: {answers:?}");
        assert_eq!(commits.len(), usize::from(answers[0].status < 300), "seed {seed}: {answers:?}");
        for commit in commits {
            assert_eq!(answers[0].body["version"], commit.last_version(), "seed {seed}");
        }
    }
    let status = |at: usize| answers[commands[at].3["commandId"].as_str().unwrap()][0].status;
    assert_eq!(status(0) + status(1), 202 + 409, "seed {seed}: one project of a name");
    assert_eq!([2, 3, 4, 5].map(status), [202, 200, 200, 403], "seed {seed}");
}

#[tokio::test]
async fn no_command_happens_twice_whatever_goes_wrong() {
    for seed in 0..SEEDS {
        everything_goes_wrong(seed).await;
    }
}
