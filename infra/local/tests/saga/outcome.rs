//! What a creation has come to, and whether that is clean.

use std::collections::{BTreeMap, BTreeSet};

use skafu_domain::Aggregate;
use skafu_domain::project::{Project, ProjectStatus};
use skafu_domain::repository::Repository;
use skafu_events::{AggregateKind, Commit, StreamId};
use skafu_functions::aggregates::fold;
use skafu_functions::saga::due;
use skafu_store::{Consistency, EventStore, History};

use crate::world::{World, acme};

/// Where a creation can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Came {
    Ready,
    /// Undone; the name is free.
    Compensated,
    /// Everything stays for the next attempt.
    Kept,
    /// The undoing failed, and the project says so.
    Stuck,
    /// Not even the failure could be recorded: only the execution tells.
    StuckUnseen,
    /// Nothing goes on, and nobody is told.
    Forgotten,
}

/// Everything there is to see of one project once all is quiet. Two worlds whose ends are equal cannot be told apart.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    pub came: Came,
    pub status: ProjectStatus,
    /// How its executions ended, by name.
    pub executions: BTreeMap<String, String>,
    /// The types of the project's events.
    pub events: Vec<String>,
    /// Those of its repository's.
    pub repository_events: Vec<String>,
    /// Where repositories of the project are.
    pub bundles: Vec<String>,
    /// What was rendered for it and is still there.
    pub renderings: Vec<String>,
}

/// The project, its repository, and what was seen of them.
pub struct Found {
    pub end: End,
    pub project: Project,
    repository: Repository,
    history: History,
}

impl Found {
    pub async fn of(world: &World, id: &str) -> Self {
        let (project, history): (Project, _) = load(world, AggregateKind::Project, id).await;
        let (repository, made): (Repository, _) = load(world, AggregateKind::Repository, id).await;
        let (executions, keys) = (world.ends(), world.shelf.keys());
        let of = |prefix: String| keys.iter().filter(|key| key.starts_with(&prefix)).cloned().collect();
        let end = End {
            came: came(&project, &executions),
            status: project.status,
            events: types(&history),
            repository_events: types(&made),
            bundles: of(format!("acme/{id}/")),
            renderings: of(format!("_renders/acme/{id}/")),
            executions: executions.into_iter().filter(|(name, _)| name.contains(id)).collect(),
        };
        Self { end, project, repository, history }
    }

    pub fn project_id(&self) -> String {
        self.history.stream().id().to_owned()
    }

    /// What the sweep would start for the project.
    fn due(&self) -> Option<skafu_functions::saga::SagaInput> {
        due(&self.project, &self.history)
    }

    /// Whatever is not as it must be, wherever the creation has come to. Asks for the project's name, and takes it if
    /// it is free.
    pub async fn problems(&self, world: &World, name: &str) -> Vec<String> {
        let (end, project) = (&self.end, &self.project);
        let mut problems = Vec::new();
        let mut must = |holds: bool, what: &str| {
            if !holds {
                problems.push(what.to_owned());
            }
        };
        must(end.came != Came::Forgotten, "nothing goes on, and nobody is told");
        let is_ready = end.came == Came::Ready;
        let location = project.repository.as_ref().map(|link| link.location.clone());
        let live = self.repository.created.is_some() && !self.repository.deleted;
        if is_ready || end.came == Came::Compensated {
            must(end.bundles == Vec::from_iter(location), "repositories are not those of live projects");
            must(live == is_ready, "the repository's record does not say what is there");
            // The bucket's lifecycle rule removes those, as the definition says.
            let leftovers = is_ready && (world.leftovers() || world.script.was_late("RenderTemplate"));
            must(end.renderings.is_empty() || leftovers, "a rendering is left");
        }
        let status_fits = match project.status {
            ProjectStatus::Deleted => end.came != Came::Kept,
            ProjectStatus::Ready => is_ready,
            ProjectStatus::Failed => !is_ready,
            // Not even its failure could be recorded.
            ProjectStatus::Draft | ProjectStatus::Configuring => end.came == Came::StuckUnseen,
            ProjectStatus::Archived => false,
        };
        must(status_fits, "the status says something else");
        self.check_ends(&mut must);
        check_streams(world, &mut must);
        let started = world.sweep(self.due()).await;
        must(started == 0, "the sweep starts what nobody has started");
        let mut once = BTreeSet::new();
        for event in end.events.iter().filter(|it| ONCE.contains(&it.as_str())) {
            must(once.insert(event), &format!("{event} happened twice"));
        }
        let free = project.undone || project.status == ProjectStatus::Deleted;
        must(
            world.claim(name).await.is_some() == free,
            if free { "the name is leaked" } else { "the name has two holders" },
        );
        problems
    }

    /// Every execution's end is what became of the project.
    fn check_ends(&self, must: &mut impl FnMut(bool, &str)) {
        let end = &self.end;
        let any = |error: &str| end.executions.values().any(|it| it == error);
        let proof = match end.came {
            Came::Ready => "Succeeded",
            Came::Compensated => "ProjectCreationFailed",
            Came::Kept => "ProjectCreationKept",
            Came::Stuck | Came::StuckUnseen => "ProjectCreationStuck",
            Came::Forgotten => return,
        };
        // Recorded, but the answer that said so never came: the machine says rather too much.
        let unheard = end.came == Came::Compensated && any("ProjectCreationStuck");
        must(any(proof) || unheard, "no execution ended as the project did");
        must(!any("Succeeded") || end.came == Came::Ready, "an execution succeeded, the project did not");
        must(
            !any("ProjectCreationFailed") || self.project.undone,
            "an execution has undone what is not undone",
        );
    }
}

/// What may happen once in a project's life, however often it is tried.
const ONCE: [&str; 4] =
    ["ProjectCreated", "ProjectConfigured", "ProjectCreationCompensated", "ProjectDeleted"];

fn came(project: &Project, executions: &BTreeMap<String, String>) -> Came {
    let stuck = executions.values().any(|end| end == "ProjectCreationStuck");
    match project {
        _ if project.repository.is_some() => Came::Ready,
        _ if project.undone => Came::Compensated,
        _ if project.stuck => Came::Stuck,
        _ if project.is_kept() && project.status == ProjectStatus::Failed => Came::Kept,
        _ if stuck => Came::StuckUnseen,
        _ => Came::Forgotten,
    }
}

async fn load<A: Aggregate>(world: &World, kind: AggregateKind, id: &str) -> (A, History) {
    let stream = StreamId::new(acme(), kind, id).unwrap();
    let history = world.store.load(&stream, Consistency::Strong).await.unwrap();
    (fold(&history).unwrap(), history)
}

fn types(history: &History) -> Vec<String> {
    history.events().map(|event| event.event_type.clone()).collect()
}

/// Every stream counts from 1, and no event's id is another's.
fn check_streams(world: &World, must: &mut impl FnMut(bool, &str)) {
    let (mut versions, mut ids) = (BTreeMap::new(), BTreeSet::new());
    for event in world.store.all_commits().iter().flat_map(Commit::envelopes) {
        let last = versions.entry(event.stream().unwrap()).or_insert(0);
        must(event.aggregate_version == *last + 1, "a stream has a gap or a double");
        *last = event.aggregate_version;
        must(ids.insert(event.event_id), "two events have one id");
    }
}
