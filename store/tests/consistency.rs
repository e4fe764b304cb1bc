//! Consistency tokens: what they say, whom they serve, and how long.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod support;

use std::sync::Arc;

use skafu_events::{AggregateKind, StreamId, Tenant, Timestamp};
use skafu_store::consistency::{
    ConsistencyTokens, Holder, LIFETIME_SECONDS, MAX_STREAMS, MAX_TOKEN_BYTES, TokenError, Written,
};
use skafu_store::faults::Random;
use skafu_store::{
    Consistency, CountingMeter, DynamoViewStore, MemoryViewStore, Row, RowKey, Segment, ViewStore,
};

const DAY: i64 = 24 * 60 * 60;

fn tenant(name: &str) -> Tenant {
    Tenant::new(name).unwrap()
}

fn project(id: &str) -> StreamId {
    StreamId::new(tenant("acme"), AggregateKind::Project, id).unwrap()
}

/// So many seconds after the beginning.
fn at(seconds: i64) -> Timestamp {
    let begin: Timestamp = "2025-01-18T10:30:00.123Z".parse().unwrap();
    (begin.date_time() + chrono::TimeDelta::seconds(seconds)).into()
}

fn written(versions: &[(&str, u64)]) -> Written {
    let mut written = Written::default();
    versions.iter().for_each(|(id, version)| written.note(project(id), *version));
    written
}

fn tokens() -> (Arc<MemoryViewStore>, ConsistencyTokens) {
    let rows = Arc::new(MemoryViewStore::default());
    (rows.clone(), ConsistencyTokens::new(rows))
}

/// Makes a token for Alice of `acme`.
async fn issue(tokens: &ConsistencyTokens, written: &Written, now: Timestamp) -> String {
    tokens.issue(Holder { tenant: &tenant("acme"), user_id: "alice" }, written, now).await.unwrap()
}

async fn read(tokens: &ConsistencyTokens, token: &str, now: Timestamp) -> Result<Written, TokenError> {
    tokens.read(Holder { tenant: &tenant("acme"), user_id: "alice" }, token, now).await
}

#[tokio::test]
async fn a_token_says_what_its_holder_has_written() {
    let (rows, here) = tokens();
    let seen = written(&[("1", 3), ("2", 1)]);
    let token = issue(&here, &seen, at(0)).await;
    assert_eq!(read(&here, &token, at(1)).await.unwrap(), seen);
    let elsewhere = ConsistencyTokens::new(rows);
    assert_eq!(read(&elsewhere, &token, at(1)).await.unwrap(), seen, "another instance reads the same keys");
}

#[test]
fn what_was_written_last_is_remembered_and_no_version_goes_back() {
    let mut all = written(&[("1", 3), ("2", 1), ("1", 2)]);
    let versions = |all: &Written| -> Vec<(String, u64)> {
        all.iter().map(|(stream, version)| (stream.id().to_owned(), version)).collect()
    };
    assert_eq!(versions(&all), [("2".to_owned(), 1), ("1".to_owned(), 3)]);
    (10..10 + MAX_STREAMS as u64 - 1).for_each(|at| all.note(project(&at.to_string()), at));
    assert_eq!(all.iter().count(), MAX_STREAMS);
    assert_eq!(versions(&all)[0], ("1".to_owned(), 3), "the oldest is dropped first");
    let mut merged = written(&[("1", 5)]);
    merged.merge(written(&[("2", 1), ("1", 4)]));
    assert_eq!(merged, written(&[("2", 1), ("1", 5)]));
}

#[tokio::test]
async fn nobody_else_can_use_it() {
    let (_, tokens) = tokens();
    let token = issue(&tokens, &written(&[("1", 3)]), at(0)).await;
    for (of, user_id) in [("zenith", "alice"), ("acme", "bob"), ("acmealice", ""), ("ac", "mealice")] {
        let error = tokens.read(Holder { tenant: &tenant(of), user_id }, &token, at(1)).await.unwrap_err();
        assert!(matches!(error, TokenError::Forged), "{of} {user_id}: {error}");
    }
}

#[tokio::test]
async fn it_counts_for_an_hour() {
    let (_, tokens) = tokens();
    let token = issue(&tokens, &written(&[("1", 3)]), at(0)).await;
    read(&tokens, &token, at(LIFETIME_SECONDS - 1)).await.unwrap();
    let late = read(&tokens, &token, at(LIFETIME_SECONDS)).await.unwrap_err();
    assert!(matches!(late, TokenError::Expired), "{late}");
}

#[tokio::test]
async fn a_token_with_any_character_changed_is_forged() {
    let (_, tokens) = tokens();
    let token = issue(&tokens, &written(&[("1", 3), ("2", 1)]), at(0)).await;
    let mut random = Random::new(1);
    for place in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        let flipped = bytes[place] ^ (1 << random.below(7));
        bytes[place] = flipped;
        let Ok(changed) = String::from_utf8(bytes) else { continue };
        let error = read(&tokens, &changed, at(10 + place as i64)).await.unwrap_err();
        assert!(matches!(error, TokenError::Forged), "{place}: {changed}: {error}");
    }
    for other in ["", ".", "a.b", &token[1..], &token[..token.len() - 1], &"a".repeat(MAX_TOKEN_BYTES + 1)] {
        let error = read(&tokens, other, at(1_000)).await.unwrap_err();
        assert!(matches!(error, TokenError::Forged), "{other}: {error}");
    }
}

#[tokio::test]
async fn ten_aggregates_with_long_ids_fit_into_a_token() {
    let (_, tokens) = tokens();
    let mut seen = Written::default();
    for at in 0..MAX_STREAMS as u64 {
        seen.note(project(&format!("{at}{}", "x".repeat(99))), u64::from(u32::MAX) + at);
    }
    let token = issue(&tokens, &seen, at(0)).await;
    assert!(token.len() <= MAX_TOKEN_BYTES, "{}", token.len());
    assert_eq!(read(&tokens, &token, at(1)).await.unwrap(), seen);
}

#[tokio::test]
async fn keys_are_replaced_after_thirty_days_and_the_one_before_still_counts() {
    let (rows, here) = tokens();
    let seen = written(&[("1", 3)]);
    issue(&here, &seen, at(0)).await;
    let old = ConsistencyTokens::new(rows.clone());
    let last = issue(&old, &seen, at(30 * DAY)).await;
    let elsewhere = ConsistencyTokens::new(rows.clone());
    read(&elsewhere, &last, at(30 * DAY)).await.unwrap();

    let next = issue(&here, &seen, at(30 * DAY + 1)).await;
    // Known to neither of those who have read the keys before.
    for (who, tokens) in [("old", &old), ("elsewhere", &elsewhere), ("here", &here)] {
        read(tokens, &next, at(30 * DAY + 10)).await.unwrap_or_else(|error| panic!("{who}: {error}"));
        read(tokens, &last, at(30 * DAY + 10)).await.unwrap_or_else(|error| panic!("{who}: {error}"));
    }
    assert_ne!(issue(&old, &seen, at(30 * DAY + 20)).await[..20], last[..20], "everybody signs with it");

    issue(&here, &seen, at(61 * DAY)).await;
    let gone = read(&here, &last, at(30 * DAY + 30)).await.unwrap_err();
    assert!(matches!(gone, TokenError::Forged), "{gone}");
}

#[tokio::test]
async fn whoever_loses_the_race_for_the_first_key_uses_the_winner_s() {
    let rows = Arc::new(DynamoViewStore::new(support::dynamodb().await, "views"));
    let all: Vec<_> = (0..3).map(|_| ConsistencyTokens::new(rows.clone())).collect();
    let seen = written(&[("1", 3)]);
    // All of them look before any has written.
    let (a, b, c) = tokio::join!(
        issue(&all[0], &seen, at(0)),
        issue(&all[1], &seen, at(0)),
        issue(&all[2], &seen, at(0))
    );
    for reader in &all {
        for token in [&a, &b, &c] {
            read(reader, token, at(5)).await.unwrap();
        }
    }
    let list = rows.scan(Segment::WHOLE, None, 10).await.unwrap();
    assert_eq!(list.rows.iter().map(|row| row.version).collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn keys_stand_where_no_tenant_reaches_and_are_never_shown() {
    let (rows, tokens) = tokens();
    let token = issue(&tokens, &written(&[("secret-shop", 3)]), at(0)).await;
    assert!(Tenant::new("_keys").is_err());
    let key = RowKey { partition: "_keys".to_owned(), sort: "CONSISTENCY".to_owned() };
    let row = rows.get(&key, Consistency::Strong).await.unwrap().unwrap();
    let secret = row.content.unwrap()["current"]["secret"].as_str().unwrap().to_owned();
    assert!(!token.contains(&secret) && secret.len() == 44, "{secret}");
}

#[tokio::test]
async fn keys_that_cannot_be_read_are_not_replaced() {
    let (rows, tokens) = tokens();
    let key = RowKey { partition: "_keys".to_owned(), sort: "CONSISTENCY".to_owned() };
    let content = Some(serde_json::json!({ "current": { "id": "1", "secret": "short", "since": at(0) } }));
    let damaged = Row { key, version: 1, content, indexes: Vec::new(), parked: None };
    rows.put(&damaged, None).await.unwrap();
    let holder = Holder { tenant: &tenant("acme"), user_id: "alice" };
    tokens.issue(holder, &Written::default(), at(0)).await.unwrap_err();
    assert_eq!(rows.get(&damaged.key, Consistency::Strong).await.unwrap().unwrap(), damaged);
}

#[tokio::test]
async fn keys_are_read_once_and_tokens_made_up_do_not_become_requests() {
    let meter = Arc::new(CountingMeter::default());
    let client = support::dynamodb().await;
    let rows = Arc::new(DynamoViewStore::new(client, "views").with_meter(meter.clone()));
    let requests = || meter.take().iter().map(|it| it.operation.to_owned()).collect::<Vec<_>>();
    let (signer, reader) = (ConsistencyTokens::new(rows.clone()), ConsistencyTokens::new(rows));
    let seen = written(&[("1", 3)]);
    let token = issue(&signer, &seen, at(0)).await;
    assert_eq!(requests(), ["GetItem", "PutItem"]);
    issue(&signer, &seen, at(100)).await;
    assert_eq!(requests(), [""; 0]);
    for now in 0..5 {
        assert_eq!(read(&reader, &token, at(now)).await.unwrap(), seen);
    }
    assert_eq!(requests(), ["GetItem"]);
    let (_, stranger) = tokens();
    let foreign = issue(&stranger, &seen, at(0)).await;
    for _ in 0..100 {
        read(&reader, &foreign, at(10)).await.unwrap_err();
    }
    assert_eq!(requests(), ["GetItem"; 5], "five looks a second");
    read(&reader, &foreign, at(11)).await.unwrap_err();
    assert_eq!(requests(), ["GetItem"]);
}

#[tokio::test]
async fn whoever_comes_while_keys_are_looked_for_waits_for_them() {
    let client = support::dynamodb().await;
    let rows = Arc::new(DynamoViewStore::new(client, "views"));
    let (signer, reader) = (ConsistencyTokens::new(rows.clone()), ConsistencyTokens::new(rows));
    let seen = written(&[("1", 3)]);
    let token = issue(&signer, &seen, at(0)).await;
    let (one, other) = tokio::join!(read(&reader, &token, at(0)), read(&reader, &token, at(0)));
    assert_eq!((one.unwrap(), other.unwrap()), (seen.clone(), seen));
}
