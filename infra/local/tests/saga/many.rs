//! Many creations at once.

use std::time::Instant;

use serde_json::json;

use crate::outcome::{Came, Found};
use crate::world::World;

const MANY: usize = 100;

#[tokio::test(start_paused = true)]
async fn a_hundred_creations_at_once_all_end_ready() {
    let world = World::new(None).await;
    let begun = Instant::now();
    let mut ids = Vec::new();
    for at in 0..MANY {
        ids.push(world.create(&format!("Project {at}"), json!({})).await.unwrap());
    }
    let asked = begun.elapsed();
    world.announce().await;
    assert_eq!(world.executions.list(999).unwrap().len(), MANY, "all of them at once");
    world.quiet().await;
    let all = begun.elapsed();
    let mut times: Vec<_> = world
        .executions
        .list(999)
        .unwrap()
        .into_iter()
        .map(|it| it.stopped_at.unwrap() - it.started_at)
        .collect();
    times.sort();
    println!(
        "{MANY} creations: asked for in {asked:?}, ready after {all:?} on the machine's clock; \
         p50 {} p99 {} in virtual time",
        times[MANY / 2],
        times[MANY * 99 / 100],
    );
    for (at, id) in ids.iter().enumerate() {
        let found = Found::of(&world, id).await;
        let expected = [
            "ProjectCreated",
            "ProjectCreationStarted",
            "TemplateSelected",
            "TemplateRendered",
            "ProjectConfigured",
        ];
        assert_eq!((found.end.came, &*found.end.events), (Came::Ready, &expected.map(str::to_owned)[..]));
        assert_eq!(found.end.repository_events, ["RepositoryCreated", "RepositoryConfigured"]);
        assert_eq!(world.claim(&format!("project {at}")).await, None, "its name is its own");
    }
    let keys = world.shelf.keys();
    assert_eq!(keys.iter().filter(|key| key.ends_with(".bundle")).count(), MANY);
    assert!(!keys.iter().any(|key| key.starts_with("_renders/")), "{keys:?}");
    for (step, calls) in world.script.counts() {
        assert_eq!(calls, MANY, "{step} was called once each");
    }
}
