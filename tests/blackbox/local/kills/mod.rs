//! SIGKILL at random moments, again and again, in the midst of creations that succeed, fail, are kept and tried again,
//! or are deleted: every one of them comes to an end, and none leaves anything behind.

mod asked;
mod check;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use std::{env, thread};

use rusqlite::Connection;
use skafu_domain::project::{Project, ProjectStatus};
use skafu_functions::aggregates::fold;
use uuid::Uuid;

use crate::support::{ALICE, Api, Dev, Home, Made, publish_template};
use asked::{Asked, FRAGILE, WISHES, Wish, mend};
use check::{check, names};

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

/// Counts the states that executions were in when their process was killed.
fn under_way(home: &Home, states: &mut BTreeMap<String, usize>) {
    let journal = Connection::open(home.data().join("cloud.db")).unwrap();
    let running = "SELECT json_extract(checkpoint, '$.state') FROM execution WHERE status = 'RUNNING'";
    let mut running = journal.prepare(running).unwrap();
    for state in running.query_map([], |row| row.get::<_, String>(0)).unwrap() {
        *states.entry(state.unwrap()).or_default() += 1;
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
