//! What every [`BlobStore`] promises.

use super::{BlobError, BlobStore};

/// Runs the suite; panics at the first broken promise. Uses keys below `contract/` only.
pub async fn blob_store(store: &dyn BlobStore) {
    keeps_and_replaces(store).await;
    forgets(store).await;
    keeps_keys_apart(store).await;
    refuses_what_is_no_key(store).await;
}

async fn read(store: &dyn BlobStore, key: &str) -> Option<Vec<u8>> {
    match store.get(key).await {
        Ok(found) => found,
        Err(error) => panic_with(key, &error),
    }
}

async fn keep(store: &dyn BlobStore, key: &str, bytes: &[u8]) {
    if let Err(error) = store.put(key, bytes.to_vec()).await {
        panic_with(key, &error)
    }
}

async fn forget(store: &dyn BlobStore, key: &str) {
    if let Err(error) = store.delete(key).await {
        panic_with(key, &error)
    }
}

#[expect(clippy::panic, reason = "a broken promise ends the test that runs the suite")]
fn panic_with(key: &str, error: &BlobError) -> ! {
    panic!("{key}: {error:?}")
}

async fn keeps_and_replaces(store: &dyn BlobStore) {
    let key = "contract/kept/a.b_c:d-E9";
    keep(store, key, b"one").await;
    assert_eq!(read(store, key).await.as_deref(), Some(&b"one"[..]));
    keep(store, key, b"\0\xfftwo").await;
    assert_eq!(read(store, key).await.as_deref(), Some(&b"\0\xfftwo"[..]), "bytes are kept as they are");
    keep(store, key, b"").await;
    assert_eq!(read(store, key).await.as_deref(), Some(&b""[..]), "empty is not absent");
    let large = vec![7; 3_000_000];
    keep(store, key, &large).await;
    assert_eq!(read(store, key).await.map(|bytes| bytes == large), Some(true));
}

async fn forgets(store: &dyn BlobStore) {
    let key = "contract/forgotten";
    forget(store, key).await;
    assert_eq!(read(store, key).await, None);
    keep(store, key, b"x").await;
    forget(store, key).await;
    forget(store, key).await;
    assert_eq!(read(store, key).await, None, "removed, and removing twice is no error");
}

async fn keeps_keys_apart(store: &dyn BlobStore) {
    let keys = ["contract/apart", "contract/apart/inner", "contract/apart.inner"];
    for key in keys {
        keep(store, key, key.as_bytes()).await;
    }
    for key in keys {
        assert_eq!(read(store, key).await.as_deref(), Some(key.as_bytes()), "{key}");
    }
    forget(store, keys[0]).await;
    assert_eq!(read(store, keys[1]).await.as_deref(), Some(keys[1].as_bytes()), "a key is no directory");
    for key in keys {
        forget(store, key).await;
    }
}

async fn refuses_what_is_no_key(store: &dyn BlobStore) {
    let long = "k".repeat(1025);
    for key in ["", "/a", "a/", "a//b", "..", "a/../b", "./a", "a b", "a\\b", "a#", "ä", "a\0", &long] {
        assert!(matches!(store.put(key, Vec::new()).await, Err(BlobError::InvalidKey(_))), "{key:?}");
        assert!(matches!(store.get(key).await, Err(BlobError::InvalidKey(_))), "{key:?}");
        assert!(matches!(store.delete(key).await, Err(BlobError::InvalidKey(_))), "{key:?}");
    }
}
