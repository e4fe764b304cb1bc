//! The nested stack of alarms: inert here, complete on AWS.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;

fn alarms() -> Vec<Value> {
    let nested = yaml::parse(include_str!("../../../../alarms.stack.yaml")).unwrap();
    let resources = nested["Resources"].as_object().unwrap().values();
    resources.filter(|it| it["Type"] == "AWS::CloudWatch::Alarm").map(|it| it["Properties"].clone()).collect()
}

/// The values of a dimension over all alarms of a metric, `${System}` being the stack.
fn watched(metric: &str, dimension: &str) -> BTreeSet<String> {
    let alarms = alarms();
    let dimensions = alarms.iter().filter(|it| it["MetricName"] == metric).map(|it| {
        let dimensions = it["Dimensions"].as_array().unwrap();
        let value = &dimensions.iter().find(|it| it["Name"] == dimension).unwrap()["Value"];
        let text = value.get("Fn::Sub").unwrap_or(value).as_str().unwrap();
        text.replace("${System}", "skafu")
    });
    dimensions.collect()
}

#[test]
fn every_queue_where_something_is_given_up_has_an_alarm() {
    let stack = Stack::load(include_str!("../../../../../template.yaml")).unwrap();
    let given_up = stack.queues.iter().map(|queue| &queue.name).filter(|name| name.ends_with("-dlq"));
    assert_eq!(watched("ApproximateNumberOfMessagesVisible", "QueueName"), given_up.cloned().collect());
}

#[test]
fn every_view_has_alarms_for_what_is_parked_and_for_what_differs() {
    let stack = Stack::load(include_str!("../../../../../template.yaml")).unwrap();
    let views = stack.functions.iter().filter_map(|function| function.environment.get("VIEW"));
    let views: BTreeSet<_> = views.cloned().collect();
    assert_eq!([watched("Parked", "View"), watched("Different", "View")], [views.clone(), views]);
}

#[test]
fn every_alarm_tells_the_topic_and_says_nothing_while_all_is_well() {
    let told = json!({ "Fn::If": ["HasTopic", [{ "Ref": "AlarmTopicArn" }], { "Ref": "AWS::NoValue" }] });
    let alarms = alarms();
    assert!(alarms.len() > 30, "{}", alarms.len());
    for alarm in alarms {
        assert_eq!([&alarm["AlarmActions"], &alarm["OKActions"]], [&told, &told], "{alarm}");
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{alarm}");
        assert!(alarm["AlarmDescription"].is_string(), "{alarm}");
    }
}

#[test]
fn a_nested_stack_is_known_and_holds_nothing_that_would_be_built() {
    let resource = |path: &str| {
        let nested =
            format!("  X: {{ Type: AWS::CloudFormation::Stack, Properties: {{ TemplateURL: {path} }} }}\n");
        small().replace("Resources:\n", &format!("Resources:\n{nested}"))
    };
    assert!(Stack::load(&resource("./infra/alarms.stack.yaml")).is_ok());
    let problem = Problem::new(
        "Resources.X.Properties.TemplateURL",
        ProblemKind::Dangling("nested stack ./infra/more.stack.yaml".into()),
    );
    assert_eq!(Stack::load(&resource("./infra/more.stack.yaml")).unwrap_err().0, [problem]);
    let mixed = "Resources: { Q: { Type: AWS::SQS::Queue }, A: { Type: AWS::CloudWatch::Alarm } }";
    assert_eq!(super::super::nested::unknown_types(mixed), Ok(vec!["AWS::SQS::Queue".to_owned()]));
}
