//! Reading everything: in parts, resumable, each stream in order. For a tenant of its own.

use std::collections::BTreeMap;

use skafu_store::{Consistency, EventStore, NameClaim, ScanPosition, Segment, Snapshot};

use super::{draft, grow, stream, tenant};

const STREAMS: u128 = 12;

/// Runs the whole suite on one store, in which nothing has happened to the tenant.
pub async fn suite(store: &dyn EventStore) {
    let mut expected = BTreeMap::new();
    for at in 0..STREAMS {
        let stream = stream(&format!("scan-{at}"));
        let history = grow(store, &stream, 4000 + at * 100, at + 1).await;
        let snapshot = Snapshot {
            version: history.version(),
            schema: "s".into(),
            state: 1.into(),
            recent: history.recent(),
        };
        store.save_snapshot(&stream, &snapshot).await.unwrap();
        expected.insert(stream, history.version());
    }
    let named = stream("scan-0");
    let history = store.load(&named, Consistency::Strong).await.unwrap();
    store.append(&history, draft(9999, 1), &[NameClaim::Take("scan".to_owned())]).await.unwrap();
    expected.insert(named, 2);

    for (segments, limit) in [(1, 1000), (1, 3), (4, 2)] {
        let mut found = BTreeMap::new();
        for index in 0..segments {
            let commits = whole_segment(store, Segment { index, total: segments }, limit).await;
            // A table that others use, too, holds more than this.
            for commit in commits.into_iter().filter(|commit| *commit.stream.tenant() == tenant()) {
                let head = found.entry(commit.stream.clone()).or_insert(0);
                assert_eq!(commit.first_version, *head + 1, "{} out of order", commit.stream);
                *head = commit.last_version();
            }
        }
        assert_eq!(found, expected, "{segments} segments, {limit} at a time");
    }
}

/// Reads a segment to its end, every page from a position that was written down and read back.
async fn whole_segment(store: &dyn EventStore, segment: Segment, limit: u32) -> Vec<skafu_events::Commit> {
    let (mut commits, mut written_down): (Vec<_>, Option<String>) = (Vec::new(), None);
    loop {
        let position: Option<ScanPosition> = written_down.map(|text| serde_json::from_str(&text).unwrap());
        let page = store.scan(segment, position.as_ref(), limit).await.unwrap();
        commits.extend(page.commits);
        match page.next {
            Some(next) => written_down = Some(serde_json::to_string(&next).unwrap()),
            None => return commits,
        }
    }
}
