//! What lies in stores, as it is written: a changed snapshot here is a changed layout, and asks for a migration.

use crate::support::world::ready;
use crate::support::{Chat, World};
use lorikeet_dialog::Session;
use lorikeet_training::wire::IntakeRequest;
use lorikeet_training::{Lora, Problem, Repository as _, Run};

/// A person at the review, with something in every place a LoRA has.
fn midway() -> Chat {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    kea.sends(&["a.gif"])
        .is_refused("a.gif", Problem::new("animated"));
    kea.presses("Continue")
        .says("on a red mat")
        .presses("Skip captions");
    kea.presses("Quick").presses("Continue").shows("(Review)");
    kea
}

#[test]
fn a_session_in_the_middle_of_training() {
    let kea = midway();
    insta::assert_json_snapshot!(kea.session());
    assert_eq!(Session::from_text(&kea.stored).unwrap(), kea.session());
}

#[test]
fn a_session_while_pictures_are_on_their_way() {
    let mut kea = midway();
    kea.sends(&["later.png"]);
    kea.presses("Back")
        .presses("Back")
        .presses("Back")
        .presses("1")
        .sends(&["new.png"]);
    let request: &IntakeRequest = kea.intakes.last().unwrap();
    insta::assert_json_snapshot!("intake_request", request);
    insta::assert_json_snapshot!("lora_with_pictures_on_their_way", kea.saved("My cat"));
}

#[test]
fn a_lora() {
    let lora = midway().saved("My cat");
    insta::assert_json_snapshot!(lora);
    let text = serde_json::to_string(&lora).unwrap();
    assert_eq!(serde_json::from_str::<Lora>(&text).unwrap(), lora);
}

#[test]
fn a_run_from_the_queue_to_its_end() {
    let mut kea = midway();
    kea.presses("Start training");
    let world = kea.world.clone();
    insta::assert_json_snapshot!("run_queued", world.newest_run(&kea.owner()).unwrap());
    let claimed = world.engine_takes_a_run();
    world.engine_is_half_way(&claimed);
    world.engine_is_done(&claimed);
    let run = ready(world.repository.run(&claimed.run.id))
        .unwrap()
        .unwrap();
    insta::assert_json_snapshot!("run_done", run);
    let text = serde_json::to_string(&run).unwrap();
    assert_eq!(serde_json::from_str::<Run>(&text).unwrap(), run);
}
