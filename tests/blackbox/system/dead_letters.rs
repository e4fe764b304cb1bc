//! What a view cannot read is given up and kept, holds up nobody, and is tried again once it is sent back.

use serde_json::json;
use uuid::Uuid;

use crate::support::{ALICE, BUILT_IN, Made, World, create_project, eventually};

#[test]
fn what_no_view_can_read_ends_in_its_dead_letters_and_is_tried_again_once_it_is_sent_back() {
    let mut world = World::new();
    let body = format!("not an event: {}", Uuid::new_v4());
    world.target_mut().hasten_retries();
    world.target_mut().send_to_view(&body);

    let api = world.api(ALICE);
    Made::accepted(&api, &create_project("Demo", BUILT_IN, json!({}))).ready(&api);

    let given_up = |world: &mut World| {
        eventually("the dead letter", || {
            world.target_mut().hasten_retries();
            Some(world.target().dead_letters()).filter(|letters| !letters.is_empty())
        })
    };
    assert_eq!(given_up(&mut world), [body.as_str()], "it, as it was sent, and nothing else");
    world.target().redrive();
    eventually("the redrive", || world.target().dead_letters().is_empty().then_some(()));
    assert_eq!(given_up(&mut world), [body.as_str()], "as unreadable as before");
    world.target().discard_dead_letter(&body);
}
