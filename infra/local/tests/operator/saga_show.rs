use serde_json::{Value, json};

use crate::sagas::{self, aborted, begun, execution, kept, stuck, undone};
use crate::world::{Running, World, skafu, stderr, stdout};

fn steps(execution: &Value) -> Vec<&str> {
    execution["steps"].as_array().unwrap().iter().map(|step| step["name"].as_str().unwrap()).collect()
}

fn step<'a>(execution: &'a Value, name: &str) -> &'a Value {
    execution["steps"].as_array().unwrap().iter().find(|step| step["name"] == name).unwrap()
}

#[test]
fn a_creation_is_shown_with_every_step_and_references_to_what_they_left() {
    let world = World::new();
    let (shown, ok) = world.json(&["saga", "show", &world.project]);
    assert!(ok);
    assert_eq!((&shown["status"], &shown["tenant"]), (&json!("succeeded"), &json!("local")));
    assert_eq!((&shown["failedStep"], &shown["message"]), (&json!(null), &json!(null)));
    let [execution] = &shown["executions"].as_array().unwrap()[..] else { panic!("{shown}") };
    assert_eq!(execution["name"], format!("prj-{}-1", world.project));
    assert_eq!((&execution["source"], &execution["status"]), (&json!("journal"), &json!("SUCCEEDED")));
    assert_eq!(
        steps(execution),
        [
            "BeginProvisioning",
            "SelectTemplate",
            "RenderTemplate",
            "CreateRepository",
            "ConfigureRepository",
            "ConfigureProject",
            "Complete"
        ]
    );
    for step in execution["steps"].as_array().unwrap() {
        assert_eq!((&step["state"], &step["tries"]), (&json!("succeeded"), &json!(1)), "{step}");
        assert!(step["beganAt"].as_str() <= step["endedAt"].as_str(), "{step}");
    }
    let (aggregate, _) = world.json(&["aggregate", "show", &world.project]);
    let state = &aggregate["state"];
    assert_eq!(step(execution, "SelectTemplate")["output"], state["selection"]["templateRevision"]);
    assert_eq!(step(execution, "RenderTemplate")["output"], state["bundle_sha256"]);
    assert_eq!(step(execution, "CreateRepository")["output"], state["repository"]["location"]);
    assert_eq!(shown["repository"], state["repository"]["location"]);
    let text = stdout(&world.run(&["saga", "show", &world.project]));
    assert!(
        text.contains("succeeded since ") && text.contains("  RenderTemplate        succeeded"),
        "{text}"
    );
}

#[test]
fn a_running_system_is_asked_and_without_a_journal_events_tell() {
    let world = World::new();
    let (before, _) = world.json(&["saga", "show", &world.project]);
    let running = Running::on(&world.data());
    assert_eq!(world.json(&["saga", "show", &world.project]), (before, true));

    let endpoint = running.endpoint["dynamodbUrl"].as_str().unwrap();
    let elsewhere = skafu(&["saga", "show", &world.project, "--endpoint", endpoint, "--json"]);
    let shown: Value = serde_json::from_slice(&elsewhere.stdout).unwrap();
    let [execution] = &shown["executions"].as_array().unwrap()[..] else { panic!("{shown}") };
    assert_eq!((&execution["source"], &execution["status"]), (&json!("events"), &json!(null)));
    let told = steps(execution);
    assert_eq!((told[0], *told.last().unwrap()), ("BeginProvisioning", "ConfigureProject"));
    assert_eq!(step(execution, "RenderTemplate")["tries"], json!(null));
    assert!(step(execution, "RenderTemplate")["output"].is_string());
}

#[test]
fn a_running_system_tells_of_executions_to_their_own_tenant_alone() {
    let world = World::new();
    let running = Running::on(&world.data());
    let url = running.endpoint["url"].as_str().unwrap();
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let ask = |query: &str, token: &str| {
        let request = agent.get(format!("{url}/executions{query}"));
        let mut answer = request.header("authorization", format!("Bearer {token}")).call().unwrap();
        let body: Value = answer.body_mut().read_json().unwrap_or_default();
        (answer.status().as_u16(), body.as_array().map(Vec::len))
    };
    let token = |tenant: &str| stdout(&world.run(&["token", "--tenant", tenant])).trim().to_owned();
    let (own, other) = (token("local"), token("acme"));
    let of = |project: &str| format!("?project={project}");
    assert_eq!(ask(&of(&world.project), &own), (200, Some(1)));
    assert_eq!(ask(&of(&world.project), &other), (200, Some(0)));
    assert_eq!(ask(&of(&world.project), "nonsense"), (401, None));
    for nobody in ["", "%25", "..%2F..", "%00", "'%20OR%201=1--", &"x".repeat(5000)] {
        assert_eq!(ask(&of(nobody), &own), (200, Some(0)), "{nobody}");
    }
    assert_eq!(ask("", &own).0, 400);
}

#[test]
fn each_way_a_creation_can_stand_has_its_way_out() {
    let world = World::new();
    sagas::write(
        &world,
        vec![
            ("acme/PROJECT#kept", kept("Kept")),
            ("acme/PROJECT#stuck", stuck("Stuck")),
            ("acme/PROJECT#undone", undone("Undone")),
            ("acme/PROJECT#aborted", begun("Aborted", "compensate")),
            ("acme/PROJECT#alive", begun("Alive", "compensate")),
        ],
    );
    execution(&world, "acme", "aborted", Some(aborted()));
    execution(&world, "acme", "alive", None);
    let data = world.data();
    let data = data.display();
    let retry = |id: &str| format!("`skafu saga retry {id} --tenant acme --data {data}`");
    for (id, ways) in [
        ("kept", vec![retry("kept"), "deleting the project undoes it".to_owned()]),
        (
            "stuck",
            vec![
                retry("stuck"),
                format!("`skafu saga resolve stuck --tenant acme --data {data} --note TEXT`"),
            ],
        ),
        ("undone", vec!["create the project again".to_owned()]),
        ("aborted", vec![retry("aborted"), "nobody carries it on".to_owned()]),
        ("alive", vec!["`skafu dev`".to_owned()]),
    ] {
        let (shown, ok) = world.json(&["saga", "show", id]);
        let way_out = shown["wayOut"].as_str().unwrap();
        assert!(ok && ways.iter().all(|way| way_out.contains(way.as_str())), "{id}: {way_out}");
    }
    let (aborted, _) = world.json(&["saga", "show", "aborted"]);
    let [execution] = &aborted["executions"].as_array().unwrap()[..] else { panic!("{aborted}") };
    assert_eq!(
        (&execution["status"], &execution["steps"][0]["state"]),
        (&json!("ABORTED"), &json!("stopped"))
    );
    assert_eq!(aborted["message"], "stopped by hand");
}

#[test]
fn what_failed_is_told_without_moving_anybody_s_cursor() {
    let world = World::new();
    sagas::write(&world, vec![("acme/PROJECT#stuck", stuck("Stuck"))]);
    let (shown, _) = world.json(&["saga", "show", "stuck"]);
    assert_eq!(shown["message"], "the disk\nis \u{1b}[2Jfull");
    let failed = step(&shown["executions"][0], "DiscardRepository");
    assert_eq!((&failed["state"], &failed["error"]["name"]), (&json!("failed"), &json!("Retryable")));
    let text = stdout(&world.run(&["saga", "show", "stuck"]));
    assert!(text.contains("DiscardRepository: Retryable: the disk\\nis \\u{1b}[2Jfull\n"), "{text}");
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn an_id_that_nobody_has_or_several_do_is_told_with_the_way_out() {
    let world = World::new();
    sagas::write(&world, vec![("acme/PROJECT#twin", kept("A")), ("other/PROJECT#twin", stuck("B"))]);
    let refused = |arguments: &[&str]| {
        let (answer, ok) = world.json(&[&["saga", "show"], arguments].concat());
        assert!(!ok, "{answer}");
        let text = |field: &str| answer["error"][field].as_str().unwrap().to_owned();
        (text("code"), text("message"))
    };
    for arguments in
        [&["nobody"][..], &["twi"], &["twin", "--tenant", "nobody"], &[&world.project, "--tenant", "acme"]]
    {
        let (code, message) = refused(arguments);
        assert_eq!(code, "NOT_FOUND", "{arguments:?}");
        assert!(message.ends_with("`skafu saga list` tells which there are"), "{message}");
    }
    let (code, message) = refused(&["twin"]);
    assert_eq!(code, "AMBIGUOUS");
    assert!(message.contains("acme, other: say which with --tenant"), "{message}");
    assert_eq!(world.json(&["saga", "show", "twin", "--tenant", "other"]).0["status"], "stuck");
    assert_eq!(world.json(&["saga", "show", "acme/PROJECT#twin"]).0["status"], "failed");
}

#[test]
fn what_cannot_be_a_project_s_name_is_refused() {
    let world = World::new();
    let long = "x".repeat(101);
    for id in ["", "../../etc", "a/b", "acme/TEMPLATE#x", "p#EVENT#1", "a b", "é", "%2e%2e", &long] {
        let (answer, ok) = world.json(&["saga", "show", id]);
        assert!(!ok);
        assert_eq!(answer["error"]["code"], "VALIDATION_ERROR", "{id}: {answer}");
    }
    let refused = world.run(&["saga", "show", "p", "--tenant", "a/b"]);
    assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
}
