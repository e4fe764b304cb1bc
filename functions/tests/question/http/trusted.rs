//! Trusted documents: a manifest of those that are known beforehand, and maybe of all that are executed.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::DateTime;
use serde_json::{Value, json};
use skafu_events::Timestamp;
use skafu_forge::blobs::{BlobStore, MemoryBlobs};
use skafu_functions::Clock;
use skafu_functions::graphql::{
    BlobDocuments, DocumentSource, Documents, MANIFEST_KEY, MemoryDocuments, Trust,
};

use super::documents::{hash, persisted};
use super::{ask, get, nothing_yet};
use crate::support::{Questions, alice};

const TRUSTED: &str = "{ __typename }";
const OTHER: &str = "query Other { __typename }";

/// A clock that stands still until somebody moves it.
#[derive(Default)]
struct StandingClock(AtomicI64);

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        DateTime::from_timestamp(self.0.load(Ordering::SeqCst), 0).unwrap().into()
    }
}

/// The function with a manifest of [`TRUSTED`], read at second 0.
struct Trusting {
    questions: Questions,
    source: Arc<MemoryDocuments>,
    clock: Arc<StandingClock>,
}

impl Trusting {
    async fn new(trust: Trust) -> Self {
        let source = Arc::new(MemoryDocuments::default());
        source.put(Some(&manifest(TRUSTED)));
        let clock = Arc::new(StandingClock::default());
        let documents = Arc::new(Documents::new(trust, source.clone(), clock.clone()));
        let Questions { views, graphql } = nothing_yet().await;
        Self { questions: Questions { views, graphql: graphql.with_documents(documents) }, source, clock }
    }

    /// Asks at that second.
    async fn at(&self, second: i64, request: Value) -> super::Reply {
        self.clock.0.store(second, Ordering::SeqCst);
        ask(&self.questions, request).await
    }
}

fn manifest(text: &str) -> String {
    json!({ hash(text): text }).to_string()
}

fn named(text: &str) -> Value {
    json!({ "extensions": persisted(&hash(text)) })
}

fn whole(text: &str) -> Value {
    json!({ "query": text, "extensions": persisted(&hash(text)) })
}

#[test]
fn settings_say_what_a_manifest_is_worth() {
    for (text, trust) in [("off", Trust::Off), ("prefer", Trust::Prefer), ("only", Trust::Only)] {
        assert_eq!(text.parse(), Ok(trust));
    }
    for text in ["", "Off", "true", "all"] {
        let error = text.parse::<Trust>().unwrap_err();
        assert_eq!(error.to_string(), format!("`{text}` is none of off, prefer and only"));
    }
}

#[tokio::test]
async fn off_reads_no_manifest() {
    let it = Trusting::new(Trust::Off).await;
    it.at(0, named(TRUSTED)).await.refused(400, "PERSISTED_QUERY_NOT_FOUND");
    it.at(0, whole(TRUSTED)).await.answered();
    assert_eq!(it.source.reads(), 0);
}

#[tokio::test]
async fn prefer_finds_what_is_trusted_and_takes_everything_else() {
    let it = Trusting::new(Trust::Prefer).await;
    it.at(0, named(TRUSTED)).await.answered();
    it.at(0, json!({ "documentId": format!("sha256:{}", hash(TRUSTED)) })).await.answered();
    it.at(0, json!({ "query": OTHER })).await.answered();
    it.at(0, named(OTHER)).await.refused(400, "PERSISTED_QUERY_NOT_FOUND");
    it.at(0, whole(OTHER)).await.answered();
    it.at(0, named(OTHER)).await.answered();
}

#[tokio::test]
async fn only_executes_what_is_trusted_however_it_comes() {
    let it = Trusting::new(Trust::Only).await;
    let by_id = |text: &str| json!({ "documentId": format!("sha256:{}", hash(text)) });
    for request in [named(TRUSTED), whole(TRUSTED), by_id(TRUSTED), json!({ "query": TRUSTED })] {
        it.at(0, request).await.answered();
    }
    let altered = format!("{TRUSTED} ");
    for request in
        [named(OTHER), whole(OTHER), by_id(OTHER), json!({ "query": OTHER }), json!({ "query": altered })]
    {
        it.at(0, request).await.refused(400, "DOCUMENT_NOT_TRUSTED");
    }
    it.at(0, named(OTHER)).await.refused(400, "DOCUMENT_NOT_TRUSTED");
    let by_get = get(&it.questions, &alice(), json!({ "query": "mutation { __typename }" })).await;
    by_get.refused(400, "DOCUMENT_NOT_TRUSTED");
}

#[tokio::test]
async fn a_manifest_is_read_once_a_minute_at_most() {
    let it = Trusting::new(Trust::Only).await;
    it.at(0, named(TRUSTED)).await.answered();
    it.source.put(Some(&manifest(OTHER)));
    it.at(59, named(OTHER)).await.refused(400, "DOCUMENT_NOT_TRUSTED");
    assert_eq!(it.source.reads(), 1);
    it.at(60, named(OTHER)).await.answered();
    it.at(60, named(TRUSTED)).await.refused(400, "DOCUMENT_NOT_TRUSTED");
    it.source.put(None);
    it.at(119, named(OTHER)).await.answered();
    it.at(120, named(OTHER)).await.refused(400, "DOCUMENT_NOT_TRUSTED");
    assert_eq!(it.source.reads(), 3);
}

#[tokio::test]
async fn what_was_trusted_outlives_an_outage() {
    let it = Trusting::new(Trust::Only).await;
    it.at(0, named(TRUSTED)).await.answered();
    it.source.lose();
    it.at(100, named(TRUSTED)).await.answered();
    it.at(101, named(OTHER)).await.refused(400, "DOCUMENT_NOT_TRUSTED");
    assert_eq!(it.source.reads(), 2, "a source that is away is left in peace for as long");
    it.source.put(Some("no manifest"));
    it.at(200, named(TRUSTED)).await.answered();
    it.source.put(Some(&manifest(OTHER)));
    it.at(300, named(OTHER)).await.answered();
}

#[tokio::test]
async fn until_a_manifest_is_known_nothing_is_trusted() {
    let it = Trusting::new(Trust::Only).await;
    it.source.lose();
    it.at(0, json!({ "query": TRUSTED })).await.refused(503, "RETRYABLE_ERROR");
    it.source.put(Some("[]"));
    it.at(0, json!({ "query": TRUSTED })).await.refused(500, "INTERNAL");
    it.source.put(None);
    it.at(0, json!({ "query": TRUSTED })).await.refused(400, "DOCUMENT_NOT_TRUSTED");
}

#[tokio::test]
async fn an_outage_is_none_for_who_sends_the_text() {
    let it = Trusting::new(Trust::Prefer).await;
    it.source.lose();
    it.at(0, named(TRUSTED)).await.refused(503, "RETRYABLE_ERROR");
    it.at(0, whole(TRUSTED)).await.answered();
    it.at(0, named(TRUSTED)).await.answered();
}

#[tokio::test]
async fn a_manifest_among_blobs_has_its_key() {
    let blobs = Arc::new(MemoryBlobs::default());
    let source = BlobDocuments(blobs.clone());
    assert_eq!(source.manifest().await.unwrap(), None);
    blobs.put(MANIFEST_KEY, manifest(TRUSTED).into_bytes()).await.unwrap();
    assert_eq!(source.manifest().await.unwrap(), Some(manifest(TRUSTED).into_bytes()));
    assert_eq!(MANIFEST_KEY, "trusted-documents.json");
}
