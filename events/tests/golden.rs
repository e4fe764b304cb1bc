//! Every event as it is stored: a golden file each, read and written back without loss.
//!
//! A golden file is history: it is added to, never changed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use skafu_events::project::ProjectEvent;
use skafu_events::repository::RepositoryEvent;
use skafu_events::template::TemplateEvent;
use skafu_events::{AggregateKind, DomainEvent, Envelope};

fn golden() -> Vec<(PathBuf, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: PathBuf| {
        let content = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        (path, content)
    };
    files.into_iter().map(read).collect()
}

/// Decodes and encodes again, as the stream's own kind of event.
fn round_trip(envelope: &Envelope) -> (String, u32, Value) {
    fn through<E: DomainEvent>(envelope: &Envelope) -> (String, u32, Value) {
        E::decode(&envelope.event_type, envelope.event_version, &envelope.data).unwrap().encode().unwrap()
    }
    match envelope.stream().unwrap().kind() {
        AggregateKind::Project => through::<ProjectEvent>(envelope),
        AggregateKind::Template => through::<TemplateEvent>(envelope),
        AggregateKind::Repository => through::<RepositoryEvent>(envelope),
    }
}

#[test]
fn every_golden_event_survives_a_round_trip() {
    for (path, stored) in golden() {
        let envelope: Envelope = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(serde_json::to_value(&envelope).unwrap(), stored, "{}", path.display());
        let (event_type, version, data) = round_trip(&envelope);
        assert_eq!(event_type, envelope.event_type);
        // An old version is read for ever; only the current one is written.
        if version == envelope.event_version {
            assert_eq!(data, envelope.data, "{}", path.display());
        }
    }
}

#[test]
fn every_event_type_has_a_golden_file_named_after_it() {
    // `<type>.v<version>.json`, or with one more word where optional fields were added to that version.
    let named: BTreeSet<String> = golden()
        .iter()
        .map(|(path, _)| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .map(|stem| stem.splitn(3, '.').take(2).collect::<Vec<_>>().join("."))
        .collect();
    let content: BTreeSet<String> = golden()
        .iter()
        .map(|(_, event)| format!("{}.v{}", event["eventType"].as_str().unwrap(), event["eventVersion"]))
        .collect();
    assert_eq!(named, content);
    // serde lists the variants it knows when it meets one it does not.
    for probe in [
        ProjectEvent::decode("?", 1, &json!({})).unwrap_err().source.to_string(),
        TemplateEvent::decode("?", 1, &json!({})).unwrap_err().source.to_string(),
        RepositoryEvent::decode("?", 1, &json!({})).unwrap_err().source.to_string(),
    ] {
        let variants: Vec<_> = probe.split('`').skip(3).step_by(2).collect();
        assert!(variants.len() >= 2, "{probe}");
        for variant in variants {
            assert!(named.contains(&format!("{variant}.v1")), "no golden file for {variant}");
        }
    }
}
