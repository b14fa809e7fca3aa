//! The whole way, as most people will go it.

use std::time::Duration;

use lorikeet_chat::Level;
use lorikeet_training::{RunState, SlotNumber};

use crate::support::world::ready;
use crate::support::{Chat, World};
use lorikeet_training::Repository as _;

#[test]
fn from_hello_to_a_file_and_a_second_version() {
    let world = World::new();
    let mut kea = Chat::of(&world, "kea", "den");
    kea.shows("# Lorikeet")
        .shows("send 4 to 20 pictures")
        .offers_not("Trainings")
        .presses("Train a LoRA")
        .shows("(Name)")
        .shows("> A name, 3 to 50 characters")
        .says("My cat")
        .shows("(Pictures)")
        .shows("4 work, 10 or more are better, 20 fit.")
        .shows("0 of 20, 0 with captions");

    kea.sends(&["a.png", "b.png", "c.png", "d.png"])
        .shows("1 on its way | 2 on its way | 3 on its way | 4 on its way")
        .presses("Continue")
        .notes(Level::Error, "At least 4 pictures are needed");
    for (seed, name) in ["a.png", "b.png", "c.png", "d.png"].iter().enumerate() {
        kea.arrives(name, u8::try_from(seed).unwrap());
    }
    kea.shows("4 of 20, 0 with captions")
        .presses("Continue")
        .shows("(Captions)")
        .shows("Picture 1, a.png. What does it show?")
        .says("on a red mat")
        .shows("Picture 2, b.png.")
        .presses("Not this one")
        .shows("Picture 3, c.png.")
        .presses("One word for the rest")
        .shows("captioned “mycat” and that word")
        .says("cat")
        .shows("Every picture has its caption.")
        .shows("4 of 20, 4 with captions");
    let lora = kea.saved("My cat");
    let caption = |slot| {
        let pictures = lora.dataset.pictures();
        let mut of = pictures.filter(|(number, _, _)| *number == SlotNumber(slot));
        of.next().unwrap().2.unwrap().to_string()
    };
    assert_eq!(
        (caption(1), caption(2)),
        ("on a red mat".into(), "cat".into())
    );

    kea.presses("Continue")
        .shows("(Settings)")
        .shows("• Balanced (500 steps, about 8 minutes)")
        .presses("Quick")
        .shows("• Quick (250 steps, about 4 minutes)")
        .presses("SDXL")
        .shows("Base model: SDXL")
        .presses("Advanced")
        .shows("# Advanced settings")
        .fills(&[("steps", "300")])
        .shows("Preset: Set by hand")
        .shows("Steps: 300")
        .presses("Continue")
        .shows("(Review)")
        .shows("Version: 1.0")
        .shows("Base model: SDXL")
        .shows("Time: about 5 minutes")
        .notes(
            Level::Info,
            "4 pictures work; 10 or more give better results.",
        )
        .presses("Start training")
        .shows("# My cat 1.0: training")
        .shows("Next in the queue");

    let claimed = world.engine_takes_a_run();
    world.engine_is_half_way(&claimed);
    kea.hears()
        .shows("(50 %) Step 150 of 300, about 75 seconds left")
        .shows("(chart: Loss, Steps)")
        .shows("You can leave")
        .offers("Stop training");
    world.engine_is_done(&claimed);
    kea.hears()
        .shows("# My cat 1.0 is ready")
        .shows("(file: my-cat-1.0.safetensors, 4096 bytes)")
        .shows("put the trigger word in the prompt: mycat.")
        .offers("Train a new version")
        .offers_not("Stop training");

    // Renamed, trained again, thrown away.
    kea.types("/loras")
        .shows("My cat: 4 pictures, version 1.0, changed")
        .presses("My cat")
        .shows("Version 1.0: 300 steps")
        .presses("Rename")
        .says("Mr Whiskers")
        .shows("# Mr Whiskers")
        .notes(Level::Success, "It is called “Mr Whiskers” now.")
        .presses("Train a new version")
        .shows("(Settings)")
        .presses("Continue")
        .shows("Version: 1.1, after 1.0")
        .presses("Start training")
        .shows("# Mr Whiskers 1.1: training");
    let claimed = world.engine_takes_a_run();
    assert_eq!(claimed.run.trigger.as_str(), "mycat");
    world.engine_is_done(&claimed);
    kea.hears()
        .shows("# Mr Whiskers 1.1 is ready")
        .presses("Open the LoRA")
        .shows("Status: version 1.1 is ready")
        .types("/loras")
        .presses("Mr Whiskers")
        .shows("Version 1.1:")
        .shows("Version 1.0:")
        .shows("Delete “Mr Whiskers” with its pictures, captions and all its files?")
        .presses("Delete")
        .notes(Level::Success, "“Mr Whiskers” was deleted.")
        .shows("You have no LoRA yet.");
    assert_eq!(ready(world.repository.loras(&kea.owner())).unwrap(), []);
}

#[test]
fn the_way_there_reads_like_a_conversation() {
    let world = World::new();
    let mut kea = Chat::training(&world, "My cat");
    let claimed = world.engine_takes_a_run();
    world.engine_is_half_way(&claimed);
    kea.hears();
    world.engine_is_done(&claimed);
    kea.after(Duration::from_secs(120));
    insta::assert_snapshot!(kea.transcript);
}

#[test]
fn back_leads_the_same_way_back() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    kea.presses("Continue")
        .presses("Skip captions")
        .presses("Continue")
        .shows("(Review)");
    kea.presses("Back").shows("(Settings)");
    kea.presses("Back").shows("(Captions)");
    kea.presses("Back").shows("(Pictures)");
    kea.presses("Back").shows("(Name)").shows("My cat");
    kea.says("My dog").shows("# My dog");
    assert_eq!(kea.saved("My dog").dataset.picture_count(), 4);
    assert!(world.lora(&kea.owner(), "My cat").is_none());
}

#[test]
fn nobody_goes_back_to_a_wait() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    kea.types("/loras")
        .presses("My cat")
        .presses("Open")
        .shows("Status: not trained yet");
    kea.presses("Back").shows("There is no file yet");
    assert_eq!(kea.place(), [("library".to_owned(), "detail".to_owned())]);
}

#[test]
fn every_part_is_reached_from_the_overview_and_leads_back_to_it() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    kea.types("/loras").presses("My cat").presses("Open");
    for (part, there) in [
        ("Pictures", "(Pictures)"),
        ("Captions", "(Captions)"),
        ("Settings", "(Settings)"),
        ("Review and train", "(Review)"),
        ("Trigger word", "one word that means nothing else"),
    ] {
        kea.presses(part)
            .shows(there)
            .presses("Back")
            .shows("Status: not trained yet");
    }
    kea.presses("Trigger word")
        .says("two words")
        .notes(Level::Error, "A trigger word is one word, without spaces.")
        .says("m!")
        .notes(Level::Error, "“!” cannot be in a trigger word.")
        .says("x")
        .notes(
            Level::Error,
            "That word has one character. Use one of 2 to 30 letters or digits.",
        )
        .says("mcat")
        .notes(Level::Success, "The trigger word is “mcat” now.");
    assert_eq!(kea.saved("My cat").trigger.as_str(), "mcat");
}

#[test]
fn a_name_may_follow_the_command() {
    let world = World::new();
    let mut kea = Chat::of(&world, "kea", "den");
    kea.types("/train My cat")
        .shows("# My cat")
        .shows("(Pictures)");
    kea.types("/train x")
        .shows("(Name)")
        .notes(Level::Error, "One character is too few.")
        .says("My dog")
        .shows("# My dog");
}

#[test]
fn what_is_started_twice_runs_once() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    kea.presses("Continue")
        .presses("Skip captions")
        .presses("Continue");
    let start = kea.token("Start training");
    kea.press(start).press(start);
    assert_eq!(
        kea.answers,
        ["That button belongs to an earlier screen. This is the current one."]
    );
    let runs = ready(world.repository.runs(&kea.owner(), 10)).unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].state, RunState::Queued);
    kea.shows("Next in the queue");
}
