//! What must be there once all is quiet, and nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, thread};

use serde_json::json;
use skafu_domain::project::Project;
use skafu_events::AggregateKind;
use skafu_events::project::RepositoryLink;
use skafu_functions::aggregates::fold;
use skafu_store::History;

use super::asked::{Asked, Wish};
use crate::support::{Api, BUILT_IN, Dev, Home, create_project};

/// The tables are whole, the disk holds what they say, and the API shows it.
pub fn check(home: &Home, dev: &Dev, all: &[Asked]) {
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
pub fn names(api: &Api, all: &[Asked]) {
    for asked in all {
        let answer = api.command("project/CreateProject", &create_project(&asked.name, BUILT_IN, json!({})));
        match asked.wish {
            Wish::Good | Wish::Kept => assert_eq!((answer.status, answer.problem()), (409, "NAME_TAKEN")),
            Wish::Bad | Wish::Deleted => assert_eq!(answer.status, 202, "{}: {answer:?}", asked.name),
        }
    }
}

fn project(history: &History) -> Option<Project> {
    let is_project = history.stream().kind() == AggregateKind::Project;
    is_project.then(|| fold(history).unwrap())
}
