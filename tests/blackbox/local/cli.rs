//! The `skafu` command: what it prints, what it refuses, and how processes share a data directory.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{ALICE, Api, BUILT_IN, Finished, Home, Made, Person, create_project};

const STEPS: [&str; 5] =
    ["SelectTemplate", "RenderTemplate", "CreateRepository", "ConfigureProject", "Complete"];

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Somebody in the tenant the command line works in.
const LOCAL: Person = Person { user: "local", tenant: "local", role: "viewer" };

fn names(api: &Api) -> Vec<String> {
    let list = api.ask("{ projects { items { name } } }", json!({}));
    let items = list["projects"]["items"].as_array().unwrap();
    items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

/// What `new --json` says of a project that is ready.
fn check_ready(home: &Home, done: &Finished) {
    assert!(done.succeeded(), "{done:?}");
    assert_eq!(done.stderr, "", "nothing but the answer");
    let answer = done.json();
    assert_eq!(keys(&answer), ["projectId", "status", "repository", "steps", "ms"]);
    assert_eq!(answer["status"], "ready");
    assert_eq!(keys(&answer["repository"]), ["path"]);
    let path = Path::new(answer["repository"]["path"].as_str().unwrap());
    assert!(path.is_absolute() && path.extension().is_some_and(|it| it == "git"), "{answer}");
    assert!(path.starts_with(home.data().canonicalize().unwrap()) && path.join("HEAD").exists(), "{answer}");
    let steps = answer["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| keys(step) == ["name", "ms"] && step["ms"].is_f64()), "{answer}");
    assert_eq!(steps.iter().map(|step| step["name"].as_str().unwrap()).collect::<Vec<_>>(), STEPS);
    let slowest = steps.iter().map(|step| step["ms"].as_f64().unwrap()).fold(0.0, f64::max);
    assert!(answer["ms"].as_f64().unwrap() > slowest, "{answer}");
}

#[test]
fn new_makes_a_project_without_a_running_system_and_says_so_in_json() {
    let home = Home::new();
    let arguments = ["new", "Demo Shop", "--template", BUILT_IN, "--set", "runtime=python3.12", "--json"];
    check_ready(&home, &home.run(&arguments));
    assert!(!home.data().join("endpoint.json").exists(), "its own system has ended");

    let again = home.run(&arguments).error();
    assert_eq!(keys(&again), ["code", "message", "violations"]);
    assert_eq!(again["code"], "NAME_TAKEN");
    let dev = home.dev();
    assert_eq!(names(&dev.api(&home.token(LOCAL))), ["Demo Shop"]);
}

#[test]
fn new_tells_people_each_step_and_how_to_clone() {
    let home = Home::new();
    let done = home.run(&["new", "Demo", "--template", BUILT_IN]);
    assert!(done.succeeded(), "{done:?}");
    let lines: Vec<_> = done.stdout.lines().collect();
    assert_eq!(lines[0], format!("Creating Demo from {BUILT_IN}"));
    for (line, step) in lines[1..].iter().zip(STEPS) {
        assert!(line.trim_start().starts_with(step) && line.ends_with(" ms"), "{line}");
    }
    let path = lines.last().unwrap().strip_prefix("git clone ").expect("the last line");
    assert!(Path::new(path).join("HEAD").exists(), "{path}");
}

#[test]
fn new_beside_a_running_system_uses_it() {
    let home = Home::new();
    let dev = home.dev();
    check_ready(&home, &home.run(&["new", "Demo", "--template", BUILT_IN, "--json"]));
    let api = dev.api(&home.token(LOCAL));
    assert_eq!(names(&api), ["Demo"]);
    let other = home.run(&["new", "Demo", "--template", BUILT_IN, "--tenant", "other", "--user", "bob"]);
    assert!(other.succeeded(), "{other:?}");
    assert_eq!(names(&api), ["Demo"], "each tenant has its own");
}

#[test]
fn two_at_once_on_a_fresh_directory_both_succeed() {
    let home = Home::new();
    let new = |name| home.skafu(&["new", name, "--template", BUILT_IN, "--json"]).spawn().unwrap();
    let both = [new("One"), new("Two")];
    for done in both.map(Finished::of) {
        check_ready(&home, &done);
    }
}

#[test]
fn a_row_of_clients_hands_the_system_on_from_one_to_the_next() {
    let home = Home::new();
    let clients: Vec<_> = (0..12)
        .map(|at| {
            // Apart enough that some find a system that is just ending.
            thread::sleep(Duration::from_millis(40 * (at % 6)));
            home.skafu(&["new", &format!("P{at}"), "--template", BUILT_IN, "--json"]).spawn().unwrap()
        })
        .collect();
    for done in clients.into_iter().map(Finished::of) {
        check_ready(&home, &done);
    }
    assert_eq!(names(&home.dev().api(&home.token(LOCAL))).len(), 12);
}

#[test]
fn a_creation_that_fails_is_told_with_its_reason() {
    let home = Home::new();
    home.write(
        "fragile/template.json",
        r#"{"name": "F", "parameters": [{"name": "mode", "type": "choice", "choices": ["a", "b"]}]}"#,
    );
    home.write("fragile/a.txt.j2", "{% if mode == 'b' %}{{ absent }}{% endif %}");
    let json = home.run(&["new", "Demo", "--template", "./fragile", "--set", "mode=b", "--json"]);
    let answer = json.json();
    assert_eq!(
        (json.code, &answer["status"], &answer["repository"]),
        (Some(1), &json!("failed"), &Value::Null)
    );
    assert!(answer["error"]["message"].as_str().unwrap().contains("a.txt.j2:1:"), "{answer}");
    let text = home.run(&["new", "Demo", "--template", "./fragile", "--set", "mode=b"]);
    assert_eq!(text.code, Some(1));
    assert!(text.stderr.contains("is failed") && text.stderr.contains("a.txt.j2:1:"), "{text:?}");
    let text = home.run(&["new", "Demo", "--template", "./fragile", "--set", "mode=c"]);
    assert_eq!(text.code, Some(1));
    assert!(text.stderr.contains("/data/templateParameters/mode: must be one of a, b"), "{text:?}");
}

#[test]
fn token_prints_a_token_and_nothing_else() {
    let home = Home::new();
    let without = home.run(&["token"]);
    assert!(without.succeeded() && without.stderr.is_empty(), "{without:?}");
    assert_eq!(without.stdout.trim().split('.').count(), 3);
    assert_eq!(without.stdout.lines().count(), 1);

    let dev = home.dev();
    let with = home.run(&["token", "--json", "--role", "ADMIN", "--email", "a@example.com"]);
    assert_eq!(keys(&with.json()), ["token"]);
    for token in [without.stdout.trim(), with.json()["token"].as_str().unwrap()] {
        assert_eq!(names(&dev.api(token)), [""; 0], "made before or after, it is good");
    }
}

#[test]
fn a_token_that_is_printed_is_a_token_that_is_accepted() {
    let home = Home::new();
    let dev = home.dev();
    let longest = "x".repeat(64);
    for (user, tenant) in [("a.b_c-d+e@example.com", "acme"), ("A", "a.b_c-d:e"), ("0", &longest)] {
        let done = home.run(&["token", "--user", user, "--tenant", tenant]);
        assert!(done.succeeded(), "{done:?}");
        assert_eq!(names(&dev.api(done.stdout.trim())), [""; 0], "{user} {tenant}");
    }
    for (user, tenant) in [
        ("system:saga", "acme"),
        ("a:b", "acme"),
        ("a b", "acme"),
        ("a", "_shared"),
        ("a", "a/b"),
        ("", "acme"),
    ] {
        let error = home.run(&["token", "--json", "--user", user, "--tenant", tenant]).error();
        assert_eq!(error["code"], "VALIDATION_ERROR", "{user} {tenant}: {error}");
    }
}

#[test]
fn an_unknown_role_is_refused_with_the_known_ones() {
    let home = Home::new();
    let text = home.run(&["token", "--role", "king"]);
    assert_eq!((text.code, text.stdout.as_str()), (Some(1), ""));
    assert_eq!(text.stderr, "error: \"king\" is no role: Admin, Developer or Viewer\n");
    let error = home.run(&["token", "--role", "king", "--json"]).error();
    assert_eq!(error["code"], "VALIDATION_ERROR");
}

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
fn a_template_directory_that_cannot_be_used_is_refused_with_the_place_and_the_reason() {
    let home = Home::new();
    let dev = home.dev();
    let items = dev.tables().event_items();
    let new = |template: &str| {
        let text = home.run(&["new", "Demo", "--template", template]);
        assert_eq!((text.code, text.stdout.as_str()), (Some(1), ""), "{text:?}");
        let error = home.run(&["new", "Demo", "--template", template, "--json"]).error();
        assert_eq!(dev.tables().event_items(), items, "{template}: nothing was published");
        (text.stderr, error)
    };
    let manifest = r#"{"name": "T"}"#;

    let (text, error) = new("./absent");
    assert!(text.contains("./absent") && text.contains("No such file or directory"), "{text}");
    assert_eq!(error["code"], "TEMPLATE_UNREADABLE");

    home.write("file", "no directory");
    let (text, _) = new("./file");
    assert!(text.contains("./file") && text.contains("Not a directory"), "{text}");

    fs::create_dir(home.path("empty")).unwrap();
    let (text, error) = new("./empty");
    assert!(text.contains("template.json"), "{text}");
    assert_eq!(
        (&error["code"], &error["violations"][0]["code"]),
        (&json!("TEMPLATE_INVALID"), &json!("MISSING_REQUIRED_FILE"))
    );

    home.write("syntax/template.json", manifest);
    home.write("syntax/a.j2", "one\ntwo {{ x + }}\n");
    let (text, error) = new("./syntax");
    assert!(text.contains("./syntax") && text.contains("\n  a.j2:2:12: "), "{text}");
    assert_eq!(error["violations"][0]["field"], "a.j2:2:12");
    assert_eq!(error["violations"][0]["code"], "INVALID_TEMPLATE_SYNTAX");

    for (directory, target) in [("absolute", "/etc/passwd"), ("escaping", "../file")] {
        home.write(&format!("{directory}/template.json"), manifest);
        symlink(target, home.path(directory).join("link")).unwrap();
        let (text, error) = new(&format!("./{directory}"));
        assert!(text.contains(&format!("./{directory}/link cannot be used: ")), "and why: {text}");
        assert_eq!(error["code"], "TEMPLATE_UNREADABLE");
    }
}

#[test]
fn an_unknown_template_is_refused_by_its_id() {
    let home = Home::new();
    let refused = home.run(&["new", "Demo", "--template", "no-such", "--json"]).error();
    assert_eq!(refused["code"], "BUSINESS_RULE_VIOLATION");
    assert_eq!(refused["violations"][0]["field"], "/data/templateId");
    let refused = home.run(&["new", "", "--template", BUILT_IN]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("/data/name: "), "{refused:?}");
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
