//! SIGKILL at random moments, again and again, in the midst of creations that succeed, fail, are kept and tried again,
//! or are deleted: every one of them comes to an end, and none leaves anything behind.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use rusqlite::Connection;
use serde_json::{Value, json};
use skafu_domain::project::{Project, ProjectStatus};
use skafu_events::project::RepositoryLink;
use skafu_events::{AggregateKind, StreamId, Tenant};
use skafu_functions::aggregates::fold;
use skafu_store::History;
use uuid::Uuid;

use crate::support::{ALICE, Api, BUILT_IN, Dev, Home, Made, create_project, publish_template};

/// A choice that nobody has rehearsed: the template cannot be rendered with it.
const FRAGILE: [(&str, &str); 2] = [
    (
        "template.json",
        r#"{"name": "T", "parameters": [{"name": "mode", "type": "choice", "choices": ["sound", "broken"]}]}"#,
    ),
    ("a.txt.j2", "{% if mode == 'broken' %}{{ absent }}{% endif %}"),
];
const MENDED: &str = "{{ mode }}";

/// What a client wants of a creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wish {
    /// Nothing stands in its way.
    Good,
    /// Cannot be rendered, and is undone.
    Bad,
    /// Cannot be rendered, is kept, and tried again, at last with the template mended.
    Kept,
    /// Nothing stands in its way, but it is deleted.
    Deleted,
}

const WISHES: [Wish; 4] = [Wish::Good, Wish::Bad, Wish::Kept, Wish::Deleted];

/// A client's creation, as far as the client knows.
struct Asked {
    name: String,
    wish: Wish,
    body: Value,
    /// Missing while no answer has come.
    made: Option<Made>,
    /// Whether the deletion was accepted.
    deleted: bool,
}

impl Asked {
    fn new(round: u64, wish: Wish) -> Self {
        let name = format!("{wish:?} {round}");
        let body = match wish {
            Wish::Good | Wish::Deleted => create_project(&name, BUILT_IN, json!({})),
            Wish::Bad => create_project(&name, "fragile", json!({ "mode": "broken" })),
            Wish::Kept => {
                let mut body = create_project(&name, "fragile", json!({ "mode": "broken" }));
                body["data"]["options"] = json!({ "onFailure": "keepForRetry" });
                body
            }
        };
        Self { name, wish, body, made: None, deleted: false }
    }

    fn stream(&self) -> Option<StreamId> {
        let id = &self.made.as_ref()?.id;
        Some(StreamId::new(Tenant::new(ALICE.tenant).unwrap(), AggregateKind::Project, id).unwrap())
    }

    /// Sends what was not acknowledged yet. None if nobody answers.
    fn press(&mut self, api: &Api) -> Option<()> {
        if self.made.is_none() {
            let answer = post(api, "project/CreateProject", &self.body)?;
            assert_eq!(answer.0, 202, "{answer:?}");
            self.made = Some(Made::of(answer.1));
        }
        let id = &self.made.as_ref()?.id;
        match self.wish {
            Wish::Deleted if !self.deleted => {
                let answer =
                    post(api, "project/DeleteProject", &order(json!({ "projectId": id, "reason": "no" })))?;
                assert_eq!(answer.0, 200, "{answer:?}");
                self.deleted = true;
            }
            Wish::Kept => {
                let answer = post(api, "project/RetryProjectCreation", &order(json!({ "projectId": id })))?;
                // Refused for as long as it has not failed.
                assert!(matches!(answer.0, 202 | 422), "{answer:?}");
            }
            _ => {}
        }
        Some(())
    }
}

fn order(data: Value) -> Value {
    json!({ "commandId": Uuid::now_v7(), "data": data })
}

fn post(api: &Api, command: &str, body: &Value) -> Option<(u16, Value)> {
    let answer = api.try_post(&format!("/commands/{command}"), body.to_string().as_bytes()).ok()?;
    Some((answer.status, answer.body))
}

#[test]
fn whenever_the_process_is_killed_every_creation_comes_to_a_clean_end() {
    let (kills, seed) = (kills(), u64::from(Uuid::new_v4().as_fields().0));
    println!("seed {seed}");
    let (home, begun) = (Home::new(), Instant::now());
    let mut random = seed;
    let mut dev = home.dev();
    let token = home.token(ALICE);
    publish_template(&dev.api(&token), "fragile", &FRAGILE);
    let mut all: Vec<Asked> = Vec::new();
    let mut interrupted = BTreeMap::new();
    for round in 0..kills {
        let api = dev.api(&token);
        all.extend(WISHES.map(|wish| Asked::new(round, wish)));
        let client = thread::spawn(move || {
            // The newest first, in any order, then whatever still has something to ask for; until nobody answers.
            all.iter_mut().rev().take(3 * WISHES.len()).try_for_each(|asked| asked.press(&api));
            all
        });
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        thread::sleep(Duration::from_millis((random >> 33) % 160));
        dev.kill();
        all = client.join().unwrap();
        under_way(&home, &mut interrupted);
        dev = home.dev();
    }
    let api = dev.api(&token);
    for asked in &mut all {
        asked.press(&api).unwrap();
    }
    mend(&api);
    let ends = settle(&api, &dev, &mut all);
    println!(
        "{} creations, {kills} kills in the midst of {interrupted:?}: {ends:?} in {:?}",
        all.len(),
        begun.elapsed()
    );
    assert!(!interrupted.is_empty(), "the kills came too late to show anything");
    check(&home, &dev, &all);
    names(&api, &all);
    assert!(dev.stop().success());
    let verified = home.run(&["store", "verify"]);
    assert!(verified.succeeded(), "{verified:?}");
}

fn kills() -> u64 {
    if env::var_os("SKAFU_SOAK").is_some() { 200 } else { 20 }
}

fn project(history: &History) -> Option<Project> {
    let is_project = history.stream().kind() == AggregateKind::Project;
    is_project.then(|| fold(history).unwrap())
}

/// Counts the states that executions were in when their process was killed.
fn under_way(home: &Home, states: &mut BTreeMap<String, usize>) {
    let journal = Connection::open(home.data().join("cloud.db")).unwrap();
    let running = "SELECT json_extract(checkpoint, '$.state') FROM execution WHERE status = 'RUNNING'";
    let mut running = journal.prepare(running).unwrap();
    for state in running.query_map([], |row| row.get::<_, String>(0)).unwrap() {
        *states.entry(state.unwrap()).or_default() += 1;
    }
}

/// From now on the template can be rendered.
fn mend(api: &Api) {
    let files = json!([{ "path": "a.txt.j2", "text": MENDED }]);
    for (command, data) in [
        ("UploadTemplateFiles", json!({ "templateId": "fragile", "files": files })),
        ("PublishTemplate", json!({ "templateId": "fragile" })),
    ] {
        assert_eq!(api.command(&format!("template/{command}"), &order(data)).status, 200, "{command}");
    }
}

/// Waits until each has come to the end that was wished for; how many came to which.
fn settle(api: &Api, dev: &Dev, all: &mut [Asked]) -> BTreeMap<String, usize> {
    let (mut ends, tables) = (BTreeMap::new(), dev.tables());
    for asked in all {
        let stream = asked.stream().unwrap();
        let deadline = Instant::now() + Duration::from_secs(45);
        let end = loop {
            let made: Project = fold(&tables.history(&stream)).unwrap();
            let end = match made.status {
                ProjectStatus::Deleted if made.repository.is_some() => Some("ready, then deleted"),
                ProjectStatus::Deleted if made.undone => Some("deleted and undone"),
                ProjectStatus::Ready => Some("ready"),
                ProjectStatus::Failed if made.undone => Some("undone"),
                _ => None,
            };
            if let Some(end) = end {
                break end;
            }
            // What was kept is tried again until it can be rendered.
            asked.press(api).unwrap();
            assert!(Instant::now() < deadline, "{} stays {:?}: {made:?}", asked.name, made.status);
            thread::sleep(Duration::from_millis(20));
        };
        let expected: &[&str] = match asked.wish {
            Wish::Good | Wish::Kept => &["ready"],
            Wish::Bad => &["undone"],
            Wish::Deleted => &["deleted and undone", "ready, then deleted"],
        };
        assert!(expected.contains(&end), "{} is {end}", asked.name);
        let shown = |made: &Made| {
            let seen = made.settled(api);
            format!("{} {}", seen["status"].as_str().unwrap(), seen["creation"]["state"].as_str().unwrap())
        };
        match (asked.wish, asked.made.as_ref()) {
            (Wish::Good | Wish::Kept, Some(made)) => assert_eq!(shown(made), "ready succeeded"),
            (Wish::Bad, Some(made)) => assert_eq!(shown(made), "failed undone"),
            // A deleted project is not shown.
            _ => {}
        }
        *ends.entry(format!("{:?}: {end}", asked.wish)).or_default() += 1;
    }
    ends
}

/// The tables are whole, the disk holds what they say, and the API shows it.
fn check(home: &Home, dev: &Dev, all: &[Asked]) {
    let histories = dev.tables().histories();
    let mut ids = BTreeSet::new();
    let mut expected = BTreeSet::new();
    let mut projects = BTreeSet::new();
    for (stream, history) in &histories {
        let events: Vec<_> = history.commits().iter().flat_map(|commit| commit.envelopes()).collect();
        let versions: Vec<_> = events.iter().map(|event| event.aggregate_version).collect();
        assert_eq!(versions, (1..=history.version()).collect::<Vec<_>>(), "{stream}: no gap, no double");
        assert!(events.iter().all(|event| ids.insert(event.event_id)), "{stream}: each event has its own id");
        if let Some(project) = project(history) {
            projects.insert(stream.id().to_owned());
            let place = |link: RepositoryLink| home.data().join("repositories").join(link.location);
            expected.extend(project.repository.map(place));
        }
    }
    let asked: BTreeSet<_> = all.iter().map(|asked| asked.made.as_ref().unwrap().id.clone()).collect();
    assert_eq!(projects, asked, "no project was lost or made twice");
    assert_eq!(
        repositories(&home.data()),
        expected,
        "every repository is a live project's, and each has one"
    );
    // The last word of an execution comes after its project is ready.
    let renderings = home.data().join("content").join("_renders");
    let deadline = Instant::now() + Duration::from_secs(30);
    while !blobs_below(&renderings).is_empty() {
        assert!(Instant::now() < deadline, "renderings are left: {:?}", blobs_below(&renderings));
        thread::sleep(Duration::from_millis(20));
    }
}

/// Every repository on the disk.
fn repositories(data: &Path) -> BTreeSet<PathBuf> {
    let below = |path: PathBuf| fs::read_dir(path).into_iter().flatten().map(|entry| entry.unwrap().path());
    let tenants = below(data.join("repositories"));
    tenants.flat_map(below).flat_map(below).collect()
}

/// Every file there, but for drafts: what a kill leaves of a blob that was not in its place yet begins with `#`, and is
/// nobody's.
fn blobs_below(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().map(|entry| entry.unwrap().path());
    let is_draft = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with('#');
    let below = |path: PathBuf| if path.is_dir() { blobs_below(&path) } else { vec![path] };
    entries.filter(|path| !is_draft(path)).flat_map(below).collect()
}

/// Whoever failed or was deleted has given the name back; whoever is ready has it.
fn names(api: &Api, all: &[Asked]) {
    for asked in all {
        let answer = api.command("project/CreateProject", &create_project(&asked.name, BUILT_IN, json!({})));
        match asked.wish {
            Wish::Good | Wish::Kept => assert_eq!((answer.status, answer.problem()), (409, "NAME_TAKEN")),
            Wish::Bad | Wish::Deleted => assert_eq!(answer.status, 202, "{}: {answer:?}", asked.name),
        }
    }
}
