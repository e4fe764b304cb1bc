use std::fs;

use crate::world::{Running, World, skafu, stderr, stdout};

#[test]
fn looking_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    for command in
        [&["store", "dump"][..], &["store", "stats"], &["store", "verify"], &["aggregate", "show", "1"]]
    {
        for data in [&missing, folder.path()] {
            let output = skafu(&[command, &["--data", data.to_str().unwrap()]].concat());
            assert_eq!(output.status.code(), Some(1));
            assert!(stderr(&output).contains("choose another directory with --data"), "{}", stderr(&output));
        }
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_a_running_system_has_is_looked_at_beside_it() {
    let world = World::new();
    let before = world.dump(&[]);
    let running = Running::on(&world.data());
    assert_eq!(world.dump(&[]), before);
    assert!(world.run(&["store", "verify"]).status.success());
    assert!(world.run(&["aggregate", "show", &world.project]).status.success());

    let endpoint = running.endpoint["dynamodbUrl"].as_str().unwrap();
    let remote = skafu(&["store", "dump", "--endpoint", endpoint]);
    assert_eq!(stdout(&remote).lines().count(), before.len());
    let elsewhere = skafu(&["store", "stats", "--endpoint", endpoint, "--table", "nothing"]);
    assert_eq!(stderr(&elsewhere), "error: there is no table nothing: name another with --table\n");
}

#[test]
fn an_endpoint_that_is_not_there_is_said_to_be_unavailable() {
    let output = skafu(&["store", "stats", "--endpoint", "http://127.0.0.1:1", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("STORE_UNAVAILABLE"), "{}", stdout(&output));
}
