//! Projects that are renamed while they are made or undone: what is made is found all the same, and no name is leaked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::outcome::{Came, Found};
use crate::report::Report;
use crate::scenario::{NAME, Route, Subject};
use crate::script::{Calls, Fate};
use crate::world::NEW_NAME;

#[tokio::test(start_paused = true)]
async fn a_project_renamed_at_any_point_ends_as_one_that_is_not() {
    let mut report = Report::default();
    for subject in Subject::all().await {
        for route in [subject.route.clone(), Route::undone()] {
            let (plain, once) = route.run().await;
            if route.breaks(&subject.task.step) {
                continue;
            }
            for (at, point) in plain.script.points(&subject.task.step) {
                let (world, id) = route.asked().await;
                let (inner, renamed) = (world.clone(), Arc::new(AtomicBool::new(false)));
                let (project, done) = (id.clone(), renamed.clone());
                let rename = Arc::new(move || {
                    let (world, id, done) = (inner.clone(), project.clone(), done.clone());
                    // Refused once it has failed.
                    Box::pin(async move {
                        done.store(world.order("UpdateProject", &id).await.is_ok(), Ordering::SeqCst);
                    }) as futures::future::BoxFuture<'static, ()>
                });
                world.script.add(&subject.task.step, Calls::First, Fate::Meanwhile(at, rename));
                route.script(&world);
                world.settle().await;
                let found = Found::of(&world, &id).await;
                let renamed = renamed.load(Ordering::SeqCst);
                let mut problems = found.problems(&world, if renamed { NEW_NAME } else { NAME }).await;
                if renamed && world.claim(NAME).await.is_none() {
                    problems.push("the name before is leaked".to_owned());
                }
                // Before the first attempt has begun, also the repository is called by the new name.
                if (found.end.came, found.end.bundles.len()) != (once.end.came, once.end.bundles.len()) {
                    problems.push(format!("{:?} is not {:?}", found.end, once.end));
                }
                if !renamed && found.end.came == Came::Ready {
                    problems.push("a ready project is not renamed".to_owned());
                }
                report.case(format!("{} at {point}", subject.task.state), found.end.came, problems);
            }
        }
    }
    report.conclude("renamed at each point");
}
