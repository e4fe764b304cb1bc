//! What the real template comes to, and what the dialect makes of a small one.

use serde_json::json;

use super::*;

fn real() -> Stack {
    Stack::load(include_str!("../../../../../template.yaml")).unwrap_or_else(|errors| panic!("{errors}"))
}

fn source(function: &str) -> Source {
    real().function(function).unwrap().sources[0].clone()
}

#[test]
fn the_tables_are_complete_create_requests() {
    let tables = real().tables;
    let key = json!([
        { "AttributeName": "PK", "KeyType": "HASH" },
        { "AttributeName": "SK", "KeyType": "RANGE" }
    ]);
    let events = json!({
        "TableName": "skafu-events",
        "AttributeDefinitions": [
            { "AttributeName": "PK", "AttributeType": "S" },
            { "AttributeName": "SK", "AttributeType": "S" }
        ],
        "KeySchema": key,
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" }
    });
    assert_eq!(
        tables[0],
        Table { logical_id: "EventTable".into(), name: "skafu-events".into(), create: events }
    );
    assert_eq!(tables[1].name, "skafu-views");
    assert_eq!(tables[1].create["KeySchema"], key);
    assert_eq!(tables[1].create["GlobalSecondaryIndexes"][1]["IndexName"], "GSI2");
    assert_eq!(
        tables[1].create["GlobalSecondaryIndexes"][1]["Projection"],
        json!({ "ProjectionType": "ALL" })
    );
    assert!(tables[1].create.get("StreamSpecification").is_none());
}

#[test]
fn every_queue_that_feeds_a_function_gives_it_six_timeouts_and_has_dead_letters() {
    let stack = real();
    let mut fed = 0;
    for function in &stack.functions {
        for source in &function.sources {
            let Source::Queue { queue, .. } = source else { continue };
            let queue = stack.queues.iter().find(|known| known.name == *queue).unwrap();
            assert_eq!(queue.visibility_seconds, 6 * function.timeout_seconds, "{}", queue.name);
            // What waits for the bus to come back waits longer.
            let most = if queue.name == "skafu-unpublished" { 50 } else { 5 };
            assert_eq!(queue.max_receive, Some((most, format!("{}-dlq", queue.name))));
            fed += 1;
        }
    }
    assert_eq!(fed, 9);
}

#[test]
fn rules_lead_from_the_bus_to_queues_and_replays_start_no_saga() {
    let rules = real().rules;
    let told = |id: &str| {
        let rule = rules.iter().find(|rule| rule.logical_id == id).unwrap();
        (rule.bus.as_str(), rule.pattern.clone(), rule.targets.clone())
    };
    assert_eq!(
        told("ProjectViewRule"),
        ("skafu-bus", json!({ "source": ["skafu.project"] }), vec!["skafu-project-view".into()])
    );
    let begins = ["ProjectCreated", "ProjectCreationRetried", "ProjectCompensationRetried"];
    let pattern = json!({
        "source": ["skafu.project"], "detail-type": begins, "replay-name": [{ "exists": false }]
    });
    assert_eq!(told("SagaRule"), ("skafu-bus", pattern, vec!["skafu-saga".into()]));
    let (bus, pattern, targets) = told("SagaDeletionRule");
    assert_eq!((bus, targets), ("skafu-bus", vec!["skafu-saga".into()]));
    assert_eq!(pattern["replay-name"], json!([{ "exists": false }]));
    let (bus, pattern, targets) = told("SagaStoppedRule");
    assert_eq!((bus, targets), ("default", vec!["skafu-saga".into()]));
    assert!(pattern["detail"]["stateMachineArn"][0].as_str().unwrap().ends_with(":skafu-project-creation"));
}

#[test]
fn functions_run_their_binary_with_their_environment() {
    let stack = real();
    let told = |id: &str| {
        let function = stack.function(id).unwrap();
        assert_eq!(function.environment["ERROR_BUS"], "skafu-errors");
        let shared = ["ERROR_BUS", "RUST_LOG"];
        let environment = function.environment.iter().filter(|(name, _)| !shared.contains(&name.as_str()));
        let environment: Vec<_> = environment.map(|(name, value)| format!("{name}={value}")).collect();
        format!("{} {}s {}", function.binary, function.timeout_seconds, environment.join(" "))
    };
    let events = "EVENT_TABLE=skafu-events";
    let views = "VIEW_TABLE=skafu-views";
    let content = "CONTENT_BUCKET=skafu-contentbucket";
    assert_eq!(told("CommandsFunction"), format!("commands 15s {content} {events} {views}"));
    let queues = "SWEEP_QUEUE=skafu-sweep UNPUBLISHED_QUEUE=skafu-unpublished";
    // The same commands from the inside, by whoever deploys.
    assert_eq!(told("CatalogueFunction"), format!("catalogue 120s {content} {events} {views}"));
    assert!(stack.function("CatalogueFunction").unwrap().sources.is_empty());
    assert_eq!(told("RelayFunction"), format!("relay 30s BUS_NAME=skafu-bus HANDLER=stream {queues}"));
    let redrive = format!("relay 30s BUS_NAME=skafu-bus {content} {events} HANDLER=redrive");
    assert_eq!(told("RedriveFunction"), redrive);
    assert_eq!(
        told("ProjectViewFunction"),
        format!("projections 30s {content} {events} STACK_NAME=skafu VIEW=project {views}")
    );
    let machine = "arn:aws:states:local:000000000000:stateMachine:skafu-project-creation";
    assert_eq!(told("SagaStartFunction"), format!("saga 10s STATE_MACHINE_ARN={machine}"));
    let sweep = format!("sweep 60s {content} {events} STACK_NAME=skafu STATE_MACHINE_ARN={machine} {views}");
    assert_eq!(told("SweepFunction"), sweep);
    let commands = "COMMANDS_FUNCTION=skafu-CommandsFunction";
    assert_eq!(told("SagaTaskFunction"), format!("saga 85s {commands} {content} {events}"));
    let own = "INTROSPECTION=true REPOSITORIES_URL=s3://skafu-contentbucket/ TRUSTED_DOCUMENTS=off";
    assert_eq!(told("GraphqlFunction"), format!("graphql 28s {commands} {content} {events} {own} {views}"));
    let rebuild = format!("rebuild 900s {content} {events} STACK_NAME=skafu {views} WAIT_SECONDS=65");
    assert_eq!(told("RebuildFunction"), rebuild);
    assert_eq!(stack.functions.len(), 15);
}

#[test]
fn a_rebuild_waits_for_whatever_feeds_views() {
    let stack = real();
    let wait: u32 = stack.function("RebuildFunction").unwrap().environment["WAIT_SECONDS"].parse().unwrap();
    for function in stack.functions.iter().filter(|it| ["projections", "sweep"].contains(&it.binary.as_str()))
    {
        assert!(wait >= function.timeout_seconds + 5, "{}", function.logical_id);
    }
}

#[test]
fn sources_call_the_functions() {
    let post = Source::Http {
        method: "POST".into(),
        path: "/commands/{context}/{command}".into(),
        authorized: true,
    };
    assert_eq!(source("CommandsFunction"), post);
    let relay = Source::Stream {
        table: "skafu-events".into(),
        batch_size: 50,
        filters: vec![json!({
            "dynamodb": { "Keys": { "SK": { "S": [{ "prefix": "EVENT#" }] } } }
        })],
        retries: Some(10),
        bisect: true,
        on_failure: Some("skafu-relay-dlq".into()),
    };
    assert_eq!(source("RelayFunction"), relay);
    assert_eq!(
        source("ProjectViewFunction"),
        Source::Queue { queue: "skafu-project-view".into(), batch_size: 10 }
    );
    assert_eq!(source("SagaStartFunction"), Source::Queue { queue: "skafu-saga".into(), batch_size: 10 });
    let stack = real();
    assert!(stack.function("SagaTaskFunction").unwrap().sources.is_empty());
    assert_eq!(stack.function("GraphqlFunction").unwrap().sources.len(), 2);
}

#[test]
fn what_can_be_sent_is_told_to_all_and_nothing_else() {
    let functions = real().functions;
    let all = functions.iter().flat_map(|function| &function.sources);
    let open: Vec<_> = all.filter(|it| matches!(it, Source::Http { authorized: false, .. })).collect();
    let told = Source::Http { method: "GET".into(), path: "/openapi.json".into(), authorized: false };
    assert_eq!(open, [&told]);
}

#[test]
fn functions_and_machines_are_found_by_any_of_their_names() {
    let stack = real();
    let by_arn = stack.function("arn:aws:lambda:local:000000000000:function:skafu-SagaTaskFunction").unwrap();
    assert_eq!(by_arn.logical_id, "SagaTaskFunction");
    assert_eq!(stack.function("skafu-SagaTaskFunction"), Some(by_arn));
    let machine = stack.machine("ProjectCreation").unwrap();
    assert_eq!(machine.definition_uri, "infra/project-creation.asl.yaml");
    assert_eq!(machine.substitutions["SagaTaskFunctionArn"], by_arn.arn);
    assert_eq!(stack.machine(&machine.arn), Some(machine));
}

#[test]
fn parameters_conditions_and_globals_take_part() {
    let stack = Stack::load(&small()).unwrap();
    let function = stack.function("Function").unwrap();
    let environment = [("OWN", "7/local/n/${x}"), ("SHARED", "one")];
    assert_eq!(function.environment, environment.map(|(name, value)| (name.into(), value.into())).into());
    assert_eq!(function.timeout_seconds, 3);
    assert_eq!(stack.queues.iter().map(|queue| queue.name.as_str()).collect::<Vec<_>>(), ["skafu-q"]);
    let open = Source::Http { method: "PUT".into(), path: "/open".into(), authorized: false };
    assert_eq!(function.sources[1], open);
    assert!(matches!(&function.sources[3], Source::Stream { batch_size: 7, retries: None, .. }));
    let wide = BTreeMap::from([("Size".to_owned(), "8".to_owned())]);
    let problems = Stack::load_with(&small(), &wide).unwrap_err().0;
    let gone =
        Problem::new("Resources.Rule.Properties.Targets.0.Arn", ProblemKind::Dangling("Queue.Arn".into()));
    assert!(problems.contains(&gone), "{problems:?}");
}
