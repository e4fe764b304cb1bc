//! The process that `skafu dev` is: its data directory, its port, its stop, and what it costs.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::cli::{LOCAL, check_ready, keys, names};
use crate::support::{ALICE, BUILT_IN, Finished, Home, Made, create_project};

#[test]
fn a_data_directory_has_one_system_at_a_time() {
    let home = Home::new();
    let dev = home.dev();
    assert_eq!(keys(dev.greeting()), ["url", "dynamodbUrl", "data", "staleViews"]);
    assert_eq!(dev.greeting()["data"], home.data().canonicalize().unwrap().display().to_string());
    let second = home.run(&["dev", "--port", "0"]);
    assert_eq!((second.code, second.stdout.as_str()), (Some(1), ""));
    let holder = format!("in use by process {} at {}", dev.pid(), dev.url());
    assert!(second.stderr.contains(&holder), "{second:?}");
    assert_eq!(home.run(&["dev", "--port", "0", "--json"]).error()["code"], "DATA_IN_USE");
    assert_eq!(dev.anonymous().get("/health").status, 200, "the first does not mind");
}

#[test]
fn a_taken_port_is_named_and_leaves_the_directory_free() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let refused = home.run(&["dev", "--port", &port]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains(&format!("error: port {port} is taken")), "{refused:?}");
    assert_eq!(home.run(&["dev", "--port", &port, "--json"]).error()["code"], "PORT_UNAVAILABLE");
    drop(home.dev());
}

#[test]
fn a_data_directory_that_cannot_be_is_named() {
    let home = Home::new();
    let file = home.write("file", "");
    for place in [file.join("below"), file] {
        for arguments in [&["dev", "--port", "0"][..], &["new", "Demo", "--template", BUILT_IN], &["token"]] {
            let refused = Finished::of(home.skafu_on(&place, arguments).spawn().unwrap());
            assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{arguments:?}");
            let reason = format!("error: the data directory {} cannot be used: ", place.display());
            assert!(refused.stderr.starts_with(&reason), "{refused:?}");
            assert!(refused.stderr.contains("os error"), "and why: {refused:?}");
        }
        let refused = Finished::of(home.skafu_on(&place, &["dev", "--json"]).spawn().unwrap());
        assert_eq!(refused.error()["code"], "DATA_UNUSABLE");
    }
}

#[test]
fn a_running_system_says_where_it_is_to_its_owner_alone_until_it_stops() {
    let home = Home::new();
    let dev = home.dev();
    let endpoint = home.data().join("endpoint.json");
    assert_eq!(fs::metadata(&endpoint).unwrap().permissions().mode() & 0o777, 0o600);
    let told: Value = serde_json::from_slice(&fs::read(&endpoint).unwrap()).unwrap();
    assert_eq!(keys(&told), ["url", "dynamodbUrl", "pid", "folds"]);
    assert_eq!((&told["url"], &told["pid"]), (&dev.greeting()["url"], &json!(dev.pid())));
    assert!(dev.stop().success(), "SIGTERM is a request, not a failure");
    assert!(!endpoint.exists());
}

#[test]
fn what_a_killed_system_left_leads_nobody_to_the_wrong_one() {
    let (home, other) = (Home::new(), Home::new());
    let dev = home.dev();
    let port = dev.port();
    dev.kill();
    assert!(home.data().join("endpoint.json").exists(), "it had no time to remove it");
    let stranger = other.dev_at(port);
    check_ready(&home, &home.run(&["new", "Demo", "--template", BUILT_IN, "--json"]));
    assert_eq!(names(&stranger.api(&other.token(LOCAL))), [""; 0]);
}

#[test]
fn a_stop_in_the_midst_of_work_is_soon_and_no_mishap() {
    let home = Home::new();
    for (round, moment) in [0, 40, 90, 150, 220].into_iter().enumerate() {
        let dev = home.dev();
        let api = dev.api(&home.token(ALICE));
        for at in 0..3 {
            Made::accepted(&api, &create_project(&format!("Demo {round} {at}"), BUILT_IN, json!({})));
        }
        thread::sleep(Duration::from_millis(moment));
        let begun = Instant::now();
        assert!(dev.stop().success());
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
    let log = home.log();
    assert!(!log.contains(" WARN ") && !log.contains(" ERROR "), "{log}");
}

#[test]
fn an_idle_system_costs_next_to_nothing() {
    let home = Home::new();
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    Made::accepted(&api, &create_project("Demo", BUILT_IN, json!({}))).ready(&api);
    // Whatever the project's end has set off is over after this.
    thread::sleep(Duration::from_millis(1500));
    let before = cpu_ticks(dev.pid());
    thread::sleep(Duration::from_secs(3));
    let spent = cpu_ticks(dev.pid()) - before;
    assert!(spent < 5, "{spent} ticks of 10 ms in 3 s");
}

/// The processor time of a process, in hundredths of a second.
fn cpu_ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The name in brackets may hold anything; `utime` and `stime` are the 12th and 13th field after it.
    let fields: Vec<_> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}
