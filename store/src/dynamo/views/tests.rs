//! What an embedded table never says: throttles, other people's transactions, damaged counters.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason};
use serde_json::json;

use super::item::{Item, decode};
use super::write::refusal;
use crate::{PutError, StoreError};

fn reasons(codes: &[&str]) -> Vec<CancellationReason> {
    codes.iter().map(|code| CancellationReason::builder().code(*code).build()).collect()
}

#[test]
fn only_the_condition_of_the_row_itself_is_a_conflict() {
    let conflict = refusal(&reasons(&["ConditionalCheckFailed", "None"]));
    assert!(matches!(conflict, PutError::Conflict));
    for codes in [["None", "TransactionConflict"], ["ThrottlingError", "None"], ["None", "ValidationError"]] {
        match refusal(&reasons(&codes)) {
            PutError::Store(error @ StoreError::Unavailable { .. }) => assert!(error.is_retryable()),
            other => panic!("{codes:?} is {other:?}"),
        }
    }
}

fn item(counters: &[(&str, AttributeValue)]) -> Item {
    let key = [("PK", "acme/numbers"), ("SK", "PROJECT")];
    let key = key.map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())));
    let counters = counters.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    HashMap::from_iter(key.into_iter().chain(counters))
}

#[test]
fn counters_are_whole_numbers_of_64_bits_and_nothing_else() {
    let number = |digits: &str| AttributeValue::N(digits.to_owned());
    let row = decode(item(&[("+least", number(&i64::MIN.to_string())), ("++", number("7"))])).unwrap();
    assert_eq!((row.version, row.content), (0, Some(json!({ "least": i64::MIN, "+": 7 }))));
    for damaged in [number("1.5"), number("9223372036854775808"), AttributeValue::S("7".to_owned())] {
        let read = decode(item(&[("+projects", damaged)]));
        assert!(matches!(read, Err(StoreError::Undecodable { key, .. }) if key == "acme/numbers"));
    }
}
