//! Leaving in the middle and coming back: nothing is lost, and no lock is left lying.

use lorikeet_chat::Level;
use lorikeet_training::wire::{Arrived, Outcome};

use crate::support::chat::picture;
use crate::support::{Chat, World};

/// What a person does on the way, step by step.
const WAY: [(&str, &str); 7] = [
    ("sends", "1.png"),
    ("sends", "2.png"),
    ("sends", "3.png"),
    ("sends", "4.png"),
    ("presses", "Continue"),
    ("says", "on a red mat"),
    ("presses", "Skip captions"),
];

#[test]
fn drafts_are_there_again_after_leaving_at_any_step() {
    for stop in 0..=WAY.len() {
        let world = World::new();
        let mut kea = Chat::naming(&world, "My cat");
        for (seed, (act, what)) in WAY.iter().take(stop).enumerate() {
            match *act {
                "sends" => kea
                    .sends(&[what])
                    .arrives(what, u8::try_from(seed).unwrap()),
                "says" => kea.says(what),
                _ => kea.presses(what),
            };
        }
        let (pictures, captions) = (stop.min(4), usize::from(stop >= 6));
        kea.presses("Main menu").shows("# Lorikeet");
        // Another chat of hers may have it at once: the lock is back.
        let mut den = Chat::of(&world, "kea", "attic");
        den.presses("My LoRAs (1)")
            .shows("My cat")
            .presses("My cat")
            .presses("Open")
            .shows(&format!("{pictures} of 20, {captions} with captions"));
        den.presses("Pictures").shows("(Pictures)");
    }
}

#[test]
fn cancelling_keeps_what_there_is() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 2);
    kea.types("/cancel")
        .notes(Level::Info, "Stopped here. What you had is saved.")
        .shows("# Lorikeet");
    assert_eq!(kea.saved("My cat").dataset.picture_count(), 2);
    kea.types("/cancel")
        .notes(Level::Info, "There is nothing to stop.");
}

#[test]
fn help_comes_on_top_and_goes_again() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 1);
    kea.types("/help")
        .shows("Name a LoRA, send 4 to 20 pictures")
        .shows("/train: Train a new LoRA; a name may follow");
    kea.types("/help")
        .presses("Back")
        .shows("# My cat")
        .shows("1 of 20");
}

#[test]
fn a_picture_that_comes_after_leaving_is_put_into_its_place() {
    let world = World::new();
    let mut kea = Chat::naming(&world, "My cat");
    kea.sends(&["late.png", "lost.png"]).presses("Main menu");
    let shown = kea.shown.stamp;
    kea.arrives("late.png", 1).intake_fails("lost.png", "gone");
    assert_eq!(kea.shown.stamp, shown, "nothing to show");
    let dataset = kea.saved("My cat").dataset;
    assert_eq!((dataset.picture_count(), dataset.arriving_count()), (1, 0));
    kea.types("/loras")
        .presses("My cat")
        .presses("Open")
        .shows("2. lost.png: It could not be fetched. Send it again.");
}

#[test]
fn a_picture_that_comes_while_the_lora_is_being_opened_is_put_into_its_place() {
    let world = World::new();
    let mut kea = Chat::naming(&world, "My cat");
    kea.sends(&["late.png"]).types("/loras").presses("My cat");
    kea.slow = true;
    kea.presses("Open").shows("Opening…").arrives("late.png", 1);
    kea.slow = false;
    kea.hears().shows("1 of 20");
    assert_eq!(kea.saved("My cat").dataset.picture_count(), 1);
}

#[test]
fn leaving_before_the_records_answer_loses_nothing() {
    let world = World::new();
    let mut kea = Chat::of(&world, "kea", "den");
    kea.types("/train");
    kea.slow = true;
    kea.says("My cat").sends(&["a.png"]).presses("Main menu");
    kea.slow = false;
    kea.hears();
    assert_eq!(kea.saved("My cat").dataset.arriving_count(), 1);
    kea.arrives("a.png", 1);
    assert_eq!(kea.saved("My cat").dataset.picture_count(), 1);
    let mut attic = Chat::of(&world, "kea", "attic");
    attic
        .types("/loras")
        .presses("My cat")
        .presses("Open")
        .shows("Status: not trained yet");
}

#[test]
fn a_picture_of_another_lora_does_not_end_up_here() {
    let world = World::new();
    let mut kea = Chat::naming(&world, "My cat");
    kea.sends(&["cat.png"])
        .types("/train My dog")
        .arrives("cat.png", 1)
        .shows("0 of 20");
    assert_eq!(kea.saved("My cat").dataset.picture_count(), 1);
}

#[test]
fn opening_one_after_the_other_opens_the_one_asked_for_last() {
    let world = World::new();
    let mut kea = Chat::naming(&world, "My cat");
    kea.types("/train My dog").types("/loras").presses("My cat");
    kea.slow = true;
    kea.presses("Open")
        .types("/loras")
        .presses("My dog")
        .presses("Open")
        .shows("Opening…");
    kea.slow = false;
    kea.hears().shows("# My dog");
    let mut attic = Chat::of(&world, "kea", "attic");
    attic
        .types("/loras")
        .presses("My cat")
        .presses("Open")
        .shows("Status: not trained yet");
}

#[test]
fn a_result_nobody_knows_is_let_go() {
    let world = World::new();
    let mut kea = Chat::of(&world, "kea", "den");
    let mut other = Chat::naming(&world, "My cat");
    other.sends(&["a.png"]);
    let mut ticket = other.intakes.remove(0).context;
    ticket.intake = "another".to_owned();
    let outcome = Outcome::Taken {
        picture: picture("a.png", 1),
        caption: None,
    };
    kea.told(Arrived { ticket, outcome }.into())
        .shows("# Lorikeet");
    other.shows("1 on its way");
}
