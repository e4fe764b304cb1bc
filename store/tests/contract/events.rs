//! What every event store does.

use std::sync::Arc;

use serde_json::json;
use skafu_events::{AggregateKind, StreamId, Tenant};
use skafu_store::{AppendError, Consistency, EventStore, NameClaim, StoreError};
use uuid::Uuid;

use super::{draft, eventually, stream, tenant};

/// Runs the whole suite on one store.
pub async fn suite(store: Arc<dyn EventStore>) {
    what_was_appended_is_loaded_as_it_was(&*store).await;
    versions_are_dense_whatever_the_size_of_commits(&*store).await;
    the_loser_of_a_race_receives_the_winner(&*store).await;
    one_of_many_writers_wins_each_version(Arc::clone(&store)).await;
    a_reader_receives_what_it_missed(&*store).await;
    streams_of_two_tenants_never_meet(&*store).await;
    a_name_has_one_holder(&*store).await;
    a_refused_name_leaves_no_commit(&*store).await;
    a_commit_out_of_bounds_is_refused(&*store).await;
    a_history_beyond_one_megabyte_is_read_to_its_end(&*store).await;
}

async fn what_was_appended_is_loaded_as_it_was(store: &dyn EventStore) {
    let stream = stream("round-trip");
    let empty = store.load(&stream, Consistency::Strong).await.unwrap();
    assert_eq!((empty.version(), empty.commits().len()), (0, 0));
    let commit = store.append(&empty, draft(10, 2), &[]).await.unwrap();
    assert_eq!((commit.first_version, commit.last_version()), (1, 2));
    let history = store.load(&stream, Consistency::Strong).await.unwrap();
    assert_eq!(history.commits(), std::slice::from_ref(&commit));
    let accepted = history.accepted(Uuid::from_u128(10), "alice").unwrap();
    assert_eq!((accepted.last_version(), accepted.had_body("hash")), (2, true));
    assert!(!accepted.had_body("another"));
    assert_eq!(history.accepted(Uuid::from_u128(10), "bob"), None);
    eventually(&history, async || store.load(&stream, Consistency::Eventual).await.unwrap()).await;
}

async fn versions_are_dense_whatever_the_size_of_commits(store: &dyn EventStore) {
    let stream = stream("dense");
    for (command, size) in [(20, 1), (21, 100), (22, 3)] {
        let history = store.load(&stream, Consistency::Strong).await.unwrap();
        let commit = store.append(&history, draft(command, size), &[]).await.unwrap();
        assert_eq!(commit.first_version, history.version() + 1);
    }
    let history = store.load(&stream, Consistency::Strong).await.unwrap();
    let versions: Vec<u64> = history
        .commits()
        .iter()
        .flat_map(|commit| commit.envelopes())
        .map(|it| it.aggregate_version)
        .collect();
    assert_eq!(versions, (1..=104).collect::<Vec<_>>());
}

async fn the_loser_of_a_race_receives_the_winner(store: &dyn EventStore) {
    let stream = stream("race");
    let both_saw = store.load(&stream, Consistency::Strong).await.unwrap();
    let winner = store.append(&both_saw, draft(30, 1), &[]).await.unwrap();
    for claims in [vec![], vec![NameClaim::Take("race".to_owned())]] {
        match store.append(&both_saw, draft(31, 1), &claims).await {
            Err(AppendError::Collision(commit)) => assert_eq!(*commit, winner),
            other => panic!("expected a collision, not {other:?}"),
        }
    }
}

async fn one_of_many_writers_wins_each_version(store: Arc<dyn EventStore>) {
    const WRITERS: u128 = 8;
    const EACH: u128 = 5;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for turn in 0..EACH {
                    loop {
                        let history = store.load(&stream("writers"), Consistency::Eventual).await.unwrap();
                        match store.append(&history, draft(1000 + writer * EACH + turn, 1), &[]).await {
                            Ok(_) => break,
                            Err(AppendError::Collision(_)) => {}
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let history = store.load(&stream("writers"), Consistency::Strong).await.unwrap();
    let mut commands: Vec<_> = history.commits().iter().map(|commit| commit.command_id).collect();
    commands.sort();
    assert_eq!(commands, (1000..1000 + WRITERS * EACH).map(Uuid::from_u128).collect::<Vec<_>>());
    assert_eq!(history.version(), (WRITERS * EACH) as u64);
}

async fn a_reader_receives_what_it_missed(store: &dyn EventStore) {
    let stream = stream("missed");
    let mut commits = Vec::new();
    for command in 40..43 {
        let history = store.load(&stream, Consistency::Strong).await.unwrap();
        commits.push(store.append(&history, draft(command, 2), &[]).await.unwrap());
    }
    assert_eq!(store.load_after(&stream, 0).await.unwrap(), commits);
    assert_eq!(store.load_after(&stream, 2).await.unwrap(), commits[1..]);
    assert_eq!(store.load_after(&stream, 6).await.unwrap(), []);
}

async fn streams_of_two_tenants_never_meet(store: &dyn EventStore) {
    let mine = tenant();
    let other = |name: &str| {
        let tenant = Tenant::new(format!("{mine}-{name}")).unwrap();
        StreamId::new(tenant, AggregateKind::Project, "same-id").unwrap()
    };
    let history = store.load(&other("one"), Consistency::Strong).await.unwrap();
    store.append(&history, draft(50, 1), &[]).await.unwrap();
    assert_eq!(store.load(&other("two"), Consistency::Strong).await.unwrap().version(), 0);
}

async fn a_name_has_one_holder(store: &dyn EventStore) {
    let take = || [NameClaim::Take("demo shop".to_owned())];
    let release = || [NameClaim::Release("demo shop".to_owned())];
    let (first, second) = (stream("holder-1"), stream("holder-2"));
    let of_first = store.load(&first, Consistency::Strong).await.unwrap();
    let of_second = store.load(&second, Consistency::Strong).await.unwrap();
    store.append(&of_first, draft(60, 1), &take()).await.unwrap();
    let refused = store.append(&of_second, draft(61, 1), &take()).await;
    assert!(matches!(refused, Err(AppendError::NameTaken)), "{refused:?}");
    // Only the holder can give it back.
    let refused = store.append(&of_second, draft(61, 1), &release()).await;
    assert!(matches!(refused, Err(AppendError::NameTaken)), "{refused:?}");
    let of_first = store.load(&first, Consistency::Strong).await.unwrap();
    store.append(&of_first, draft(62, 1), &release()).await.unwrap();
    store.append(&of_second, draft(61, 1), &take()).await.unwrap();
}

async fn a_refused_name_leaves_no_commit(store: &dyn EventStore) {
    let take = [NameClaim::Take("only one".to_owned())];
    let (first, second) = (stream("only-1"), stream("only-2"));
    let history = store.load(&first, Consistency::Strong).await.unwrap();
    store.append(&history, draft(70, 1), &take).await.unwrap();
    let history = store.load(&second, Consistency::Strong).await.unwrap();
    store.append(&history, draft(71, 1), &take).await.unwrap_err();
    assert_eq!(store.load(&second, Consistency::Strong).await.unwrap().version(), 0);
}

async fn a_commit_out_of_bounds_is_refused(store: &dyn EventStore) {
    let history = store.load(&stream("bounds"), Consistency::Strong).await.unwrap();
    for draft in [draft(80, 0), draft(80, 101)] {
        let refused = store.append(&history, draft, &[]).await;
        assert!(matches!(refused, Err(AppendError::Store(StoreError::OutOfBounds(_)))), "{refused:?}");
    }
}

async fn a_history_beyond_one_megabyte_is_read_to_its_end(store: &dyn EventStore) {
    let stream = stream("long");
    let mut history = store.load(&stream, Consistency::Strong).await.unwrap();
    for command in 90..102 {
        let mut draft = draft(command, 1);
        draft.events[0].data = json!("x".repeat(150 * 1024));
        store.append(&history, draft, &[]).await.unwrap();
        history = store.load(&stream, Consistency::Strong).await.unwrap();
    }
    assert_eq!(history.version(), 12);
    eventually(&history, async || store.load(&stream, Consistency::Eventual).await.unwrap()).await;
}
