//! Every task may run twice: one after the other, both at once, and with the first answer lost.

use crate::probe::END;
use crate::report::Report;
use crate::scenario::{NAME, Subject};
use crate::script::{Calls, Fate, Heard};

#[tokio::test(start_paused = true)]
async fn every_task_run_twice_ends_as_once() {
    let mut report = Report::default();
    for subject in Subject::all().await {
        let (_, once) = subject.route.run().await;
        let doubled = [
            ("twice", Fate::Twice),
            ("by two at once", Fate::AtOnce),
            ("after an answer that was lost", Fate::Dies(END, Heard::Error("Retryable"))),
            ("after an answer that came too late", Fate::Late(END, Heard::Nothing)),
        ];
        for (how, fate) in doubled {
            for calls in [Calls::First, Calls::All] {
                // Whoever never hears an answer does not run twice, but fails: see `failures.rs`.
                if calls == Calls::All && !matches!(fate, Fate::Twice | Fate::AtOnce) {
                    continue;
                }
                let (world, twice) =
                    subject.route.run_with(&[(&subject.task.step, calls, fate.clone())]).await;
                let mut problems = twice.problems(&world, NAME).await;
                if twice.end != once.end {
                    problems.push(format!("{:?} is not {:?}", twice.end, once.end));
                }
                report.case(format!("{} {how} ({calls:?})", subject.task.state), twice.end.came, problems);
            }
        }
    }
    report.conclude("every task twice");
}

/// One of two runs stands at any point of its way while the other does all of it.
#[tokio::test(start_paused = true)]
async fn every_task_overtaken_by_its_double_ends_as_once() {
    let mut report = Report::default();
    for subject in Subject::all().await {
        let (_, once) = subject.route.run().await;
        for (at, point) in &subject.points {
            let fate = Fate::Late(*at, Heard::Error("Retryable"));
            let (world, twice) = subject.route.run_with(&[(&subject.task.step, Calls::First, fate)]).await;
            let mut problems = twice.problems(&world, NAME).await;
            // Working files may come late; the bucket's lifecycle rule removes them.
            if (twice.end.came, &twice.end.events) != (once.end.came, &once.end.events) {
                problems.push(format!("{:?} is not {:?}", twice.end, once.end));
            }
            report.case(format!("{} overtaken at {point}", subject.task.state), twice.end.came, problems);
        }
    }
    report.conclude("every task overtaken");
}
