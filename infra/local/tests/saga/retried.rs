//! Creations that are kept for another attempt, which goes on where the one before ended.

use std::collections::BTreeMap;

use crate::outcome::{Came, Found};
use crate::report::Report;
use crate::scenario::{NAME, Route, Subject};
use crate::script::{Calls, Fate, Heard};
use crate::world::World;

/// What was made so far.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Effects {
    renderings: usize,
    repositories: usize,
    events: BTreeMap<String, usize>,
}

impl Effects {
    fn of(world: &World, found: &Found) -> Self {
        let mut events = BTreeMap::new();
        for event in found.end.events.iter().chain(&found.end.repository_events) {
            *events.entry(event.clone()).or_default() += 1;
        }
        let renderings = world.shelf.puts(|key| key.starts_with("_renders/"));
        let repositories = world.shelf.puts(|key| key.ends_with(".bundle"));
        Self { renderings, repositories, events }
    }

    fn had(&self, event: &str) -> bool {
        self.events.contains_key(event)
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_after_a_kept_one_ends_ready_and_repeats_nothing_that_is_recorded() {
    let mut report = Report::default();
    let faults = |at| {
        [
            Fate::Dies(at, Heard::Error("Rejected")),
            Fate::Dies(at, Heard::Error("Retryable")),
            Fate::Dies(at, Heard::Nothing),
            Fate::Late(at, Heard::Nothing),
            Fate::Late(at, Heard::Error("Lambda.Unknown")),
        ]
    };
    for subject in Subject::all().await {
        let route = Route::plain().keeping();
        for (at, point) in &subject.points {
            for (kind, fate) in faults(*at).into_iter().enumerate() {
                let (world, kept) = route.run_with(&[(&subject.task.step, Calls::All, fate)]).await;
                if kept.end.came != Came::Kept {
                    continue;
                }
                let before = Effects::of(&world, &kept);
                let problems = retried(&world, &kept.project_id(), &subject.task.step, &before).await;
                let case = format!("again after {} at {point}, kind {kind}", subject.task.state);
                report.case(case, kept.end.came, problems);
            }
        }
    }
    report.conclude("kept, then retried");
}

async fn retried(world: &World, id: &str, failed: &str, before: &Effects) -> Vec<String> {
    world.script.heal();
    world.order("RetryProjectCreation", id).await.unwrap();
    world.settle().await;
    let found = Found::of(world, id).await;
    let after = Effects::of(world, &found);
    let mut problems = found.problems(world, NAME).await;
    let mut must = |holds: bool, what: &str| {
        if !holds {
            problems.push(format!("{what}: {after:?} after {before:?}, {:?}", found.end.executions));
        }
    };
    must(found.end.came == Came::Ready, "it is not ready");
    // A failed rendering takes the choice of the template's revision with it.
    if failed != "RenderTemplate" {
        must(!before.had("TemplateSelected") || after.events["TemplateSelected"] == 1, "selected again");
        let rendered = before.had("TemplateRendered");
        must(!rendered || after.renderings == before.renderings, "rendered again");
        must(!rendered || after.events["TemplateRendered"] == 1, "rendering recorded again");
    }
    must(before.repositories == 0 || after.repositories == before.repositories, "made again");
    must(after.events["RepositoryCreated"] == 1, "the repository is not recorded once");
    problems
}

/// A retry that comes while the call that failed the attempt before still goes on.
#[tokio::test(start_paused = true)]
async fn an_attempt_beside_a_late_call_of_the_one_before_ends_ready() {
    let mut report = Report::default();
    for subject in Subject::all().await {
        let route = Route::plain().keeping();
        for (at, point) in &subject.points {
            let (world, id) = route.asked().await;
            let step = &subject.task.step;
            world.script.add(step, Calls::First, Fate::Late(*at, Heard::Error("Lambda.Unknown")));
            world.script.add(step, Calls::First, Fate::Dies(0, Heard::Error("Rejected")));
            world.quiet().await;
            if Found::of(&world, &id).await.end.came != Came::Kept {
                continue;
            }
            world.order("RetryProjectCreation", &id).await.unwrap();
            world.settle().await;
            let found = Found::of(&world, &id).await;
            let mut problems = found.problems(&world, NAME).await;
            if found.end.came != Came::Ready {
                problems.push("it is not ready".to_owned());
            }
            report.case(format!("beside {} late from {point}", subject.task.state), found.end.came, problems);
        }
    }
    report.conclude("retried beside a late call");
}
