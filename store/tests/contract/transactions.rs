//! Several aggregates at once: all or none, and every refusal told for the aggregate it concerns.

use serde_json::json;
use skafu_store::{
    Append, AppendError, Consistency, EventStore, NameClaim, Refusal, StoreError, TransactionError,
};

use super::{draft, grow, stream};

/// Runs the whole suite on one store.
pub async fn suite(store: &dyn EventStore) {
    commits_of_several_aggregates_are_written_together(store).await;
    one_refused_part_refuses_all_and_says_which(store).await;
    a_winner_is_told_whole_however_large_it_is(store).await;
    a_collision_and_a_taken_name_are_told_apart(store).await;
    a_rename_gives_one_name_back_and_takes_another(store).await;
    a_stream_has_one_part_in_a_transaction(store).await;
    a_name_changes_hands_once_in_a_transaction(store).await;
    what_does_not_fit_into_a_transaction_is_refused(store).await;
}

async fn commits_of_several_aggregates_are_written_together(store: &dyn EventStore) {
    let (one, other) = (stream("both-1"), stream("both-2"));
    let first = store.load(&one, Consistency::Strong).await.unwrap();
    let second = grow(store, &other, 3000, 3).await;
    let parts = vec![
        Append { history: &first, draft: draft(3010, 2), claims: vec![] },
        Append { history: &second, draft: draft(3010, 1), claims: vec![] },
    ];
    let commits = store.append_all(parts).await.unwrap();
    assert_eq!((commits[0].last_version(), commits[1].last_version()), (2, 4));
    for commit in commits {
        let history = store.load(&commit.stream, Consistency::Strong).await.unwrap();
        assert_eq!(history.commits().last(), Some(&commit));
    }
}

async fn one_refused_part_refuses_all_and_says_which(store: &dyn EventStore) {
    let (good, stale) = (stream("refused-1"), stream("refused-2"));
    let fresh = store.load(&good, Consistency::Strong).await.unwrap();
    let old = store.load(&stale, Consistency::Strong).await.unwrap();
    let winner = store.append(&old, draft(3100, 1), &[]).await.unwrap();
    let parts = vec![
        Append { history: &fresh, draft: draft(3101, 1), claims: vec![] },
        Append { history: &old, draft: draft(3101, 1), claims: vec![] },
    ];
    match store.append_all(parts).await {
        Err(TransactionError::Refused(refusals)) => {
            assert_eq!(refusals, [None, Some(Refusal::Collision(Box::new(winner)))]);
        }
        other => panic!("expected a refusal, not {other:?}"),
    }
    assert_eq!(store.load(&good, Consistency::Strong).await.unwrap().version(), 0);
}

async fn a_winner_is_told_whole_however_large_it_is(store: &dyn EventStore) {
    let (stream, other) = (stream("large-winner-1"), stream("large-winner-2"));
    let old = store.load(&stream, Consistency::Strong).await.unwrap();
    let beside = store.load(&other, Consistency::Strong).await.unwrap();
    let mut large = draft(3150, 1);
    large.events[0].data = json!({ "text": "x".repeat(200 * 1024) });
    let winner = store.append(&old, large, &[]).await.unwrap();
    let parts = vec![
        Append { history: &old, draft: draft(3151, 1), claims: vec![] },
        Append { history: &beside, draft: draft(3151, 1), claims: vec![] },
    ];
    match store.append_all(parts).await {
        Err(TransactionError::Refused(refusals)) => {
            assert!(refusals == [Some(Refusal::Collision(Box::new(winner))), None]);
        }
        other => panic!("expected a refusal, not {other:?}"),
    }
}

async fn a_collision_and_a_taken_name_are_told_apart(store: &dyn EventStore) {
    let (holder, wants, collides) = (stream("apart-1"), stream("apart-2"), stream("apart-3"));
    let take = vec![NameClaim::Take("apart".to_owned())];
    let empty = store.load(&holder, Consistency::Strong).await.unwrap();
    store.append(&empty, draft(3200, 1), &take).await.unwrap();
    let fresh = store.load(&wants, Consistency::Strong).await.unwrap();
    let stale = store.load(&collides, Consistency::Strong).await.unwrap();
    store.append(&stale, draft(3201, 1), &[]).await.unwrap();
    let parts = vec![
        Append { history: &fresh, draft: draft(3202, 1), claims: take },
        Append { history: &stale, draft: draft(3202, 1), claims: vec![] },
    ];
    let Err(TransactionError::Refused(refusals)) = store.append_all(parts).await else { panic!("refused") };
    assert_eq!(refusals[0], Some(Refusal::NameTaken));
    assert!(matches!(refusals[1], Some(Refusal::Collision(_))), "{refusals:?}");
}

async fn a_rename_gives_one_name_back_and_takes_another(store: &dyn EventStore) {
    let (renamed, late) = (stream("rename-1"), stream("rename-2"));
    let name = |name: &str| name.to_owned();
    let empty = store.load(&renamed, Consistency::Strong).await.unwrap();
    store.append(&empty, draft(3300, 1), &[NameClaim::Take(name("before"))]).await.unwrap();
    let history = store.load(&renamed, Consistency::Strong).await.unwrap();
    let claims = [NameClaim::Release(name("before")), NameClaim::Take(name("after"))];
    store.append(&history, draft(3301, 1), &claims).await.unwrap();
    let fresh = store.load(&late, Consistency::Strong).await.unwrap();
    let refused = store.append(&fresh, draft(3302, 1), &[NameClaim::Take(name("after"))]).await;
    assert!(refused.is_err());
    store.append(&fresh, draft(3303, 1), &[NameClaim::Take(name("before"))]).await.unwrap();
}

async fn a_stream_has_one_part_in_a_transaction(store: &dyn EventStore) {
    let stream = stream("two-parts");
    let fresh = store.load(&stream, Consistency::Strong).await.unwrap();
    // A history that is one commit older claims another version: still the same stream.
    let old = fresh.clone();
    store.append(&fresh, draft(3400, 1), &[]).await.unwrap();
    let new = store.load(&stream, Consistency::Strong).await.unwrap();
    for (one, other) in [(&new, &new), (&new, &old)] {
        let parts = vec![
            Append { history: one, draft: draft(3401, 1), claims: vec![] },
            Append { history: other, draft: draft(3402, 1), claims: vec![] },
        ];
        let refused = store.append_all(parts).await;
        assert!(
            matches!(&refused, Err(TransactionError::Store(StoreError::Repeated(what)))
                if *what == stream.to_string()),
            "{refused:?}"
        );
    }
    assert_eq!(store.load(&stream, Consistency::Strong).await.unwrap().version(), 1);
}

async fn a_name_changes_hands_once_in_a_transaction(store: &dyn EventStore) {
    let name = || "twice".to_owned();
    let (take, release) = (|| NameClaim::Take(name()), || NameClaim::Release(name()));
    let (one, other) = (stream("twice-1"), stream("twice-2"));
    let first = store.load(&one, Consistency::Strong).await.unwrap();
    let second = store.load(&other, Consistency::Strong).await.unwrap();
    let claims = [
        (vec![take()], vec![take()]),
        (vec![release()], vec![take()]),
        (vec![release(), take()], vec![]),
        (vec![take(), take()], vec![]),
    ];
    for (of_first, of_second) in claims {
        let parts = vec![
            Append { history: &first, draft: draft(3500, 1), claims: of_first },
            Append { history: &second, draft: draft(3501, 1), claims: of_second },
        ];
        let refused = store.append_all(parts).await;
        assert!(matches!(refused, Err(TransactionError::Store(StoreError::Repeated(_)))), "{refused:?}");
    }
    for stream in [&one, &other] {
        assert_eq!(store.load(stream, Consistency::Strong).await.unwrap().version(), 0);
    }
    // Nobody has the name: it can still be taken.
    store.append(&second, draft(3502, 1), &[take()]).await.unwrap();
}

async fn what_does_not_fit_into_a_transaction_is_refused(store: &dyn EventStore) {
    let stream = stream("many-names");
    let fresh = store.load(&stream, Consistency::Strong).await.unwrap();
    let names: Vec<_> = (0..100).map(|n| NameClaim::Take(format!("many {n}"))).collect();
    let refused = store.append(&fresh, draft(3600, 1), &names).await;
    assert!(matches!(refused, Err(AppendError::Store(StoreError::OutOfBounds(_)))), "{refused:?}");
    store.append(&fresh, draft(3601, 1), &names[1..]).await.unwrap();
}
