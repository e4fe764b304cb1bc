//! Several aggregates at once: all or none, and every refusal told for the aggregate it concerns.

use skafu_store::{Append, Consistency, EventStore, NameClaim, Refusal, TransactionError};

use super::{draft, grow, stream};

/// Runs the whole suite on one store.
pub async fn suite(store: &dyn EventStore) {
    commits_of_several_aggregates_are_written_together(store).await;
    one_refused_part_refuses_all_and_says_which(store).await;
    a_collision_and_a_taken_name_are_told_apart(store).await;
    a_rename_gives_one_name_back_and_takes_another(store).await;
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
