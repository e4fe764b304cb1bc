//! A name has one holder, also while it passes from a creation that fails to one that waits for it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use skafu_domain::project::Project;
use skafu_events::{AggregateKind, StreamId};
use skafu_functions::aggregates::fold;
use skafu_store::{Consistency, EventStore};

use crate::outcome::{Came, Found};
use crate::scenario::{NAME, Route};
use crate::script::{Calls, Fate, Heard};
use crate::world::World;

const WAITING: u64 = 7;

/// The projects that have the name, by their own account.
async fn holders(world: &World) -> Vec<String> {
    let commits = world.store.all_commits();
    let streams: BTreeSet<StreamId> = commits.into_iter().map(|commit| commit.stream).collect();
    let mut holders = Vec::new();
    for stream in streams.into_iter().filter(|it| it.kind() == AggregateKind::Project) {
        let project: Project = fold(&world.store.load(&stream, Consistency::Strong).await.unwrap()).unwrap();
        if project.holds_name && project.created.unwrap().name.eq_ignore_ascii_case(NAME) {
            holders.push(stream.id().to_owned());
        }
    }
    holders
}

/// Asks again and again, as clients do; the project, once it has the name.
async fn waiting(world: Arc<World>, every: Duration, first: String) -> Option<String> {
    for _ in 0..5_000 {
        tokio::time::sleep(every).await;
        let before = holders(&world).await;
        assert!(before.len() <= 1, "{before:?}");
        match world.claim("sHoP").await {
            Some(id) => return Some(id),
            // Refused by whoever has it: the first one, or somebody else who waited.
            None => assert_eq!(holders(&world).await.len(), 1, "nobody has the name, and nobody gets it"),
        }
        if before.first().is_some_and(|holder| *holder != first) {
            return None;
        }
    }
    panic!("the name was never given back");
}

#[tokio::test(start_paused = true)]
async fn a_name_passes_from_a_creation_that_fails_to_one_that_waits() {
    for heard in [Heard::Error("Rejected"), Heard::Error("Retryable"), Heard::Nothing] {
        let (world, first) = Route::plain().asked().await;
        world.script.add("CreateRepository", Calls::All, Fate::Dies(1, heard));
        world.announce().await;
        let clients: Vec<_> = (0..WAITING)
            .map(|at| Duration::from_millis(700 + 130 * at))
            .map(|every| tokio::spawn(waiting(world.clone(), every, first.clone())))
            .collect();
        let mut second = Vec::new();
        for client in clients {
            second.extend(client.await.unwrap());
        }
        assert_eq!(second.len(), 1, "one of those that waited has it");
        let fell = Found::of(&world, &first).await;
        assert_eq!(fell.end.came, Came::Compensated);
        assert_eq!(holders(&world).await, second);
        world.script.heal();
        world.settle().await;
        assert_eq!(Found::of(&world, &second[0]).await.end.came, Came::Ready);
        assert_eq!(holders(&world).await, second);
        let bundles: Vec<String> =
            world.shelf.keys().into_iter().filter(|key| key.ends_with(".bundle")).collect();
        assert_eq!(bundles.len(), 1, "{bundles:?}");
    }
}
