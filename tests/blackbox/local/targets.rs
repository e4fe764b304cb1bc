//! Which target the environment selects, and what is said of an environment that selects none.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use crate::support::target::{Kind, Selected, Settings};

const OUTPUTS: &str = r#"[
    { "OutputKey": "ApiUrl", "OutputValue": "https://api.example.com/", "Description": "Where commands go." },
    { "OutputKey": "Issuer", "OutputValue": "https://issuer.example.com/pool" },
    { "OutputKey": "UserPoolId", "OutputValue": "pool" },
    { "OutputKey": "UserPoolClientId", "OutputValue": "client" },
    { "OutputKey": "EventTableName", "OutputValue": "mine-events" },
    { "OutputKey": "ViewTableName", "OutputValue": "mine-views" },
    { "OutputKey": "ContentBucketName", "OutputValue": "mine-content" },
    { "OutputKey": "StackName", "OutputValue": "mine" }
]"#;

fn selected(variables: &[(&str, &str)], file: Option<&str>) -> Result<Selected, String> {
    let variables: BTreeMap<_, _> = variables.iter().copied().collect();
    let missing = || io::Error::from(io::ErrorKind::NotFound);
    Selected::of(
        |name| variables.get(name).map(|value| (*value).to_owned()),
        |_| file.map(str::to_owned).ok_or_else(missing),
    )
}

#[test]
fn without_a_word_each_test_has_a_system_of_its_own() {
    for variables in [&[][..], &[("SKAFU_TARGET", "")], &[("SKAFU_TARGET", "embedded")]] {
        assert_eq!(selected(variables, None), Ok(Selected::Embedded));
    }
    assert_eq!(Selected::Embedded.patience(), Duration::from_secs(30));
}

#[test]
fn a_stack_is_described_by_its_outputs() {
    let variables = [("SKAFU_TARGET", "aws"), ("SKAFU_OUTPUTS", "outputs.json")];
    let expected = Settings {
        kind: Kind::Aws,
        api_url: "https://api.example.com".to_owned(),
        issuer: "https://issuer.example.com/pool".to_owned(),
        user_pool: "pool".to_owned(),
        user_pool_client: "client".to_owned(),
        event_table: "mine-events".to_owned(),
        view_table: "mine-views".to_owned(),
        content_bucket: "mine-content".to_owned(),
        name: "mine".to_owned(),
        kill: None,
    };
    assert_eq!(selected(&variables, Some(OUTPUTS)), Ok(Selected::Stack(Box::new(expected.clone()))));

    let unnamed = OUTPUTS.replace("StackName", "Other");
    let derived = selected(&variables, Some(&unnamed));
    assert_eq!(derived, Ok(Selected::Stack(Box::new(expected.clone()))), "its tables bear its name");

    let variables = [
        ("SKAFU_TARGET", "emulator"),
        ("SKAFU_OUTPUTS", "outputs.json"),
        ("SKAFU_API_URL", "http://127.0.0.1:4566/api/"),
        ("SKAFU_KILL", "./kill"),
    ];
    let api_url = "http://127.0.0.1:4566/api".to_owned();
    let expected = Settings { kind: Kind::Emulator, api_url, kill: Some("./kill".to_owned()), ..expected };
    let emulator = selected(&variables, Some(OUTPUTS)).unwrap();
    assert_eq!(emulator, Selected::Stack(Box::new(expected)));
    assert_eq!(emulator.patience(), Duration::from_secs(120));
}

#[test]
fn what_selects_no_target_is_refused_with_the_way_out() {
    let outputs = ("SKAFU_OUTPUTS", "outputs.json");
    let without_bucket = OUTPUTS.replace("ContentBucketName", "Bucket");
    for (variables, file, says) in [
        (
            &[("SKAFU_TARGET", "azure")][..],
            None,
            &["SKAFU_TARGET", "`azure`", "embedded, emulator or aws"][..],
        ),
        (
            &[("SKAFU_TARGET", "aws")],
            None,
            &["SKAFU_OUTPUTS is not set", "aws cloudformation describe-stacks", "'Stacks[0].Outputs'"],
        ),
        (&[("SKAFU_TARGET", "emulator")], None, &["SKAFU_OUTPUTS is not set"]),
        (&[("SKAFU_TARGET", "aws"), outputs], None, &["outputs.json: entity not found"]),
        (&[("SKAFU_TARGET", "aws"), outputs], Some("{}"), &["outputs.json is no list of outputs"]),
        (
            &[("SKAFU_TARGET", "aws"), outputs],
            Some(&without_bucket),
            &["outputs.json has no output ContentBucketName"],
        ),
    ] {
        let wrong = selected(variables, file).unwrap_err();
        for text in says {
            assert!(wrong.contains(text), "{wrong}");
        }
    }
}
