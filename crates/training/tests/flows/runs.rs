//! Runs: watched, left alone, stopped, failed, and what they keep from being changed meanwhile.

use lorikeet_chat::Level;
use lorikeet_training::wire::Starting;
use lorikeet_training::{RunState, Standing};
use serde_json::json;

use crate::support::{Chat, World};

#[test]
fn a_lora_that_trains_is_not_deleted() {
    let world = World::new();
    let mut kea = Chat::training(&world, "My cat");
    kea.types("/loras")
        .shows("My cat: 4 pictures, training now")
        .presses("My cat")
        .notes(Level::Info, "It is training now.")
        .presses("Delete")
        .notes(
            Level::Error,
            "It is training. Stop the run first, or wait until it ends",
        );
    assert_eq!(kea.saved("My cat").dataset.picture_count(), 4);
}

#[test]
fn what_is_being_trained_stays_as_it_is() {
    let world = World::new();
    let mut kea = Chat::training(&world, "My cat");
    kea.types("/loras")
        .presses("My cat")
        .presses("Open")
        .shows("Status: version 1.0 is training");
    let frozen = "It is training, so its pictures, captions and trigger word stay as they are.";
    kea.presses("Pictures")
        .sends(&["a.png"])
        .notes(Level::Error, frozen);
    kea.presses("1")
        .says("on a mat")
        .notes(Level::Error, frozen);
    kea.presses("Remove").notes(Level::Error, frozen);
    kea.presses("Back")
        .presses("Back")
        .presses("Trigger word")
        .says("mcat")
        .notes(Level::Error, frozen);
    // The next run's settings are free.
    kea.presses("Back")
        .presses("Settings")
        .presses("Thorough")
        .shows("• Thorough");
    assert_eq!(kea.saved("My cat").settings.unwrap().steps, 1_500);
    // Nor can a second run be started beside it.
    kea.presses("Continue")
        .presses("Start training")
        .notes(Level::Error, frozen);
    let claimed = world.engine_takes_a_run();
    assert_eq!(
        claimed.run.settings.steps, 500,
        "the run keeps the settings it was started with"
    );
    world.engine_is_done(&claimed);
    kea.hears()
        .presses("Start training")
        .shows("# My cat 1.1: training");
}

#[test]
fn a_run_that_ends_while_its_owner_is_elsewhere_is_told() {
    let world = World::new();
    let mut kea = Chat::training(&world, "My cat");
    kea.presses("Main menu");
    let claimed = world.engine_takes_a_run();
    world.engine_is_half_way(&claimed);
    let before = kea.shown.stamp;
    kea.hears();
    assert_eq!(kea.shown.stamp, before, "progress is no news");
    world.engine_is_done(&claimed);
    kea.hears()
        .notes(
            Level::Success,
            "My cat 1.0 is ready. You find it under My LoRAs.",
        )
        .shows("# Lorikeet");
    assert_eq!(
        kea.shown.surface,
        lorikeet_chat::Surface::Fresh,
        "or nobody would see it"
    );
    kea.presses("Trainings")
        .shows("My cat 1.0: done just now")
        .presses("My cat 1.0")
        .shows("(file: my-cat");
}

#[test]
fn a_run_that_ends_while_another_lora_is_edited_is_told_there() {
    let world = World::new();
    let mut kea = Chat::training(&world, "My cat");
    kea.types("/train My dog");
    let claimed = world.engine_takes_a_run();
    world.engine_fails(&claimed, "engine", "CUDA out of memory");
    kea.hears().notes(
        Level::Error,
        "My cat 1.0 could not be trained. Look under Trainings for the reason.",
    );
    kea.shows("# My dog").shows("(Pictures)");
}

#[test]
fn a_failed_run_says_why_and_is_tried_again() {
    let world = World::new();
    let mut kea = Chat::training(&world, "My cat");
    for (code, sentence) in [
        ("engine", "The training failed."),
        ("interrupted", "The training was interrupted"),
        ("no-space", "There was no room left on this server."),
        (
            "pictures",
            "Some of the pictures could not be read any more.",
        ),
        ("something-new", "The training failed."),
        ("unknown-engine", "This bot no longer has the engine"),
    ] {
        let claimed = world.engine_takes_a_run();
        world.engine_fails(&claimed, code, "line 1");
        kea.hears()
            .shows("# My cat 1.0 was not trained")
            .notes(Level::Error, sentence)
            .shows("line 1")
            .presses("Try again")
            .shows("(Settings)")
            .presses("Continue")
            .shows("Version: 1.0")
            .presses("Start training")
            .shows("# My cat 1.0: training");
    }
}

#[test]
fn a_stopped_run_keeps_what_it_has_learned() {
    let world = World::new();
    let mut kea = Chat::training(&world, "My cat");
    let claimed = world.engine_takes_a_run();
    world.engine_is_half_way(&claimed);
    kea.hears()
        .shows("Stop this training? What it has learned so far is kept as a file.")
        .presses("Stop training")
        .notes(Level::Info, "Stopping it…");
    world.engine_stops(&claimed, true);
    kea.hears()
        .shows("# My cat 1.0 was stopped")
        .notes(
            Level::Info,
            "It was stopped at step 120; this is what it had learned by then.",
        )
        .shows("(file: my-cat-1.0.safetensors")
        .offers("Train again");
    kea.types("/loras")
        .presses("My cat")
        .shows("Version 1.0, stopped after 120 steps")
        .shows("(file: my-cat");
    kea.types("/runs").shows("My cat 1.0: stopped just now");
}

#[test]
fn a_run_stopped_at_once_keeps_nothing() {
    let world = World::new();
    let mut kea = Chat::training(&world, "My cat");
    kea.types("/runs")
        .shows("My cat 1.0: in the queue, added just now")
        .presses("My cat 1.0")
        .presses("Stop training");
    let claimed = world.engine_takes_a_run();
    world.engine_stops(&claimed, false);
    kea.hears().notes(
        Level::Info,
        "It was stopped before there was anything to keep.",
    );
    kea.offers_not("Stop training")
        .presses("Open the LoRA")
        .shows("Status: not trained yet");
}

#[test]
fn a_run_that_cannot_be_queued_leads_back() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    for label in ["Continue", "Skip captions", "Continue"] {
        kea.presses(label);
    }
    kea.slow = true;
    kea.presses("Start training").shows("Starting…");
    // The records answer nothing for so long that the runtime gives up.
    let request = kea.wanted("runs");
    let mut other = request.clone();
    other["start"]["id"] = json!("0".repeat(32));
    kea.given_up("runs", "unavailable", &other)
        .notes(Level::Error, "That did not reach the trainings")
        .shows("Starting…");
    kea.given_up("runs", "unavailable", &request)
        .notes(Level::Error, "That did not reach the trainings")
        .shows("(Review)")
        .offers("Start training");
}

#[test]
fn a_run_of_a_lora_that_is_gone_ends_the_flow() {
    let world = World::new();
    let mut kea = Chat::training(&world, "My cat");
    kea.told(Starting::Gone.into())
        .notes(Level::Error, "It is not there any more.")
        .shows("# Lorikeet");
}

#[test]
fn a_second_run_beside_an_active_one_shows_that_one() {
    let world = World::new();
    let mut kea = Chat::training(&world, "My cat");
    let active = world.newest_run(&kea.owner()).unwrap();
    assert_eq!(active.state.standing(), Standing::Queued);
    kea.told(Starting::Active { run: active.id }.into())
        .notes(Level::Warning, "It is training already; this is that run.")
        .shows("# My cat 1.0: training");
}

#[test]
fn every_stage_of_a_run_is_shown() {
    let world = World::new();
    let mut kea = Chat::training(&world, "My cat");
    let claimed = world.engine_takes_a_run();
    for (state, shown) in [
        (RunState::Preparing, "(…) Preparing"),
        (RunState::Training, "(…) Step 0 of 500"),
        (RunState::Collecting, "(100 %) Fetching the file"),
    ] {
        world.engine_says(&claimed, |run| run.state = state);
        kea.hears().shows(shown);
    }
    // Who comes back later watches on from the overview.
    kea.types("/loras")
        .presses("My cat")
        .presses("Open")
        .presses("Watch the training");
    kea.shows("# My cat 1.0: training").offers("Stop training");
}

#[test]
fn records_that_cannot_be_reached_are_said() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    let lora = kea.saved("My cat");
    let save = json!({ "save": { "lora": lora, "generation": 1 } });
    let release = json!({ "release": { "lora": lora.id, "generation": 1 } });
    kea.given_up("loras", "unavailable", &release)
        .shows_not("could not be");
    kea.given_up("loras", "unavailable", &save)
        .notes(Level::Error, "That could not be saved")
        .shows("(Pictures)");
    kea.given_up("captions", "unavailable", &json!({}))
        .notes(Level::Error, "The captions could not be written.");
    kea.presses("Main menu");
    kea.given_up("loras", "unavailable", &save)
        .notes(Level::Error, "That could not be saved")
        .shows("# Lorikeet");
    kea.types("/loras").presses("My cat");
    kea.slow = true;
    let open = json!({ "open": { "lora": lora.id, "when_busy": "tell" } });
    kea.presses("Open")
        .given_up("loras", "unavailable", &open)
        .notes(Level::Error, "It could not be opened");
    kea.presses("Back").shows("There is no file yet");
}
