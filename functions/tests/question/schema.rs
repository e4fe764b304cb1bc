//! The schema as clients know it. Whoever changes it, changes `graphql/schema.graphql` with it.

use std::path::Path;
use std::sync::Arc;

use skafu_graphql::{GraphqlApi, Settings};
use skafu_store::{MemoryEventStore, MemoryViewStore};

#[test]
fn the_schema_is_the_one_on_file() {
    let (views, events) = (Arc::new(MemoryViewStore::default()), Arc::new(MemoryEventStore::default()));
    let sdl = GraphqlApi::new(views, events, Settings::default()).sdl();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../graphql/schema.graphql");
    if std::env::var_os("SKAFU_UPDATE").is_some() {
        std::fs::write(&file, &sdl).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let update = "SKAFU_UPDATE=1 cargo test --workspace --test question schema";
    assert!(
        kept == sdl,
        "graphql/schema.graphql is not the schema of the code; write it by `{update}`\n{sdl}"
    );
}
