//! One person, two chats, one LoRA: only one of them edits it.

use std::time::Duration;

use lorikeet_chat::Level;
use lorikeet_training::LOCK_FOR;

use crate::support::{Chat, World};

/// Two chats: the first edits “My cat”, the second has just asked to.
fn quarrel() -> (Chat, Chat) {
    let world = World::new();
    let first = Chat::with_pictures(&world, "My cat", 4);
    let mut second = Chat::of(&world, "kea", "attic");
    second
        .types("/loras")
        .presses("My cat")
        .presses("Open")
        .notes(
            Level::Warning,
            "It is being edited in another chat of yours (“den”), opened just now.",
        )
        .offers("Wait for it")
        .offers("Only look")
        .offers("Take over");
    (first, second)
}

#[test]
fn a_lora_is_opened_by_its_name_by_its_owner_alone() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    Chat::of(&world, "tui", "nest")
        .types("/train")
        .says("Birds");
    kea.presses("Main menu")
        .types("/loras my CAT")
        .shows("Trigger word")
        .types("/loras Birds")
        .notes(Level::Error, "There is no LoRA called “Birds”.")
        .offers("My cat");
    kea.types("/loras  ").shows("My LoRAs").offers("My cat");
    // Longer than any name can be.
    kea.types(&format!("/loras {}", "x".repeat(200)))
        .notes(Level::Error, "There is no LoRA called");
}

#[test]
fn who_waits_gets_it_as_the_other_left_it() {
    let (mut first, mut second) = quarrel();
    second.presses("Wait for it").notes(Level::Info, "Waiting.");
    first.presses("1").says("on a mat").presses("Main menu");
    second
        .after(Duration::from_secs(3))
        .shows("4 of 20, 1 with captions")
        .presses("Trigger word")
        .says("mcat");
    assert_eq!(second.saved("My cat").trigger.as_str(), "mcat");
}

#[test]
fn who_looks_changes_nothing() {
    let (mut first, mut second) = quarrel();
    second
        .presses("Only look")
        .notes(
            Level::Info,
            "You are only looking: it is being edited in another chat of yours (“den”)",
        )
        .sends(&["a.png"])
        .notes(Level::Error, "You are only looking")
        .presses("Settings")
        .presses("Quick")
        .notes(Level::Error, "You are only looking");
    assert!(second.intakes.is_empty());
    second.presses("Main menu");
    first.presses("1").says("on a mat");
    assert_eq!(first.saved("My cat").dataset.caption_count(), 1);
}

#[test]
fn who_waited_and_looks_meanwhile_gets_what_the_other_made_of_it() {
    let (mut first, mut second) = quarrel();
    second.presses("Wait for it").presses("Only look");
    first.presses("1").says("on a mat").presses("Main menu");
    second
        .after(Duration::from_secs(3))
        .shows("4 of 20, 1 with captions")
        .presses("Trigger word")
        .says("mcat");
    let lora = second.saved("My cat");
    assert_eq!(
        (lora.dataset.caption_count(), lora.trigger.as_str()),
        (1, "mcat")
    );
}

#[test]
fn who_takes_it_over_loses_nothing_to_a_late_save() {
    let (mut first, mut second) = quarrel();
    // The first one's change is committed, and its save is on the way.
    first.slow = true;
    first.presses("1").says("too late");
    second
        .presses("Take over")
        .shows("Status: not trained yet")
        .presses("Trigger word")
        .says("mcat");
    first.slow = false;
    first.hears();
    let lora = second.saved("My cat");
    assert_eq!(
        (lora.dataset.caption_count(), lora.trigger.as_str()),
        (0, "mcat")
    );

    // The first is told, on every screen, and cannot change anything.
    first
        .notes(
            Level::Warning,
            "It was taken over by another chat of yours (“attic”)",
        )
        .says("again")
        .notes(Level::Error, "It was taken over elsewhere")
        .presses("Main menu");
    second
        .presses("Pictures")
        .sends_and_it_is_taken(5)
        .shows("5 of 20");
    assert_eq!(second.saved("My cat").dataset.picture_count(), 5);
}

#[test]
fn a_picture_for_the_one_who_lost_it_is_not_added() {
    let (mut first, mut second) = quarrel();
    first.sends(&["late.png"]);
    second.presses("Take over");
    first.hears().arrives("late.png", 9).notes(
        Level::Warning,
        "A picture arrived after this LoRA was taken over",
    );
    second
        .presses("Pictures")
        .presses("5")
        .presses("Remove")
        .shows("4 of 20");
}

#[test]
fn a_lock_nobody_uses_runs_out() {
    let (mut first, mut second) = quarrel();
    second
        .after(LOCK_FOR)
        .presses("Wait for it")
        .shows("Status: not trained yet");
    second.presses("Trigger word").says("mcat");
    first
        .presses("1")
        .says("on a mat")
        .notes(Level::Warning, "It was taken over");
    assert_eq!(second.saved("My cat").dataset.caption_count(), 0);
}

#[test]
fn who_waits_and_goes_away_does_not_keep_it_from_others() {
    let (mut first, mut second) = quarrel();
    second.presses("Wait for it").presses("Main menu");
    first.presses("Main menu");
    second.after(Duration::from_secs(3)).shows("# Lorikeet");
    first
        .types("/loras")
        .presses("My cat")
        .presses("Open")
        .shows("Status: not trained yet");
}

#[test]
fn what_is_edited_elsewhere_is_neither_renamed_nor_deleted() {
    let (_first, mut second) = quarrel();
    second
        .presses("Back")
        .presses("Delete")
        .notes(
            Level::Warning,
            "It is being edited in another chat of yours (“den”)",
        )
        .presses("Rename")
        .says("My dog")
        .notes(Level::Warning, "It is being edited in");
    assert_eq!(second.saved("My cat").dataset.picture_count(), 4);
}

#[test]
fn what_was_deleted_elsewhere_is_said() {
    let (mut first, mut second) = quarrel();
    second
        .after(LOCK_FOR)
        .presses("Back")
        .presses("Delete")
        .shows("You have no LoRA yet.");
    first
        .presses("1")
        .says("on a mat")
        .notes(Level::Warning, "It was deleted in another chat of yours")
        .says("on a mat")
        .notes(Level::Error, "It was deleted in another chat of yours")
        .presses("Main menu")
        .offers_not("My LoRAs (1)");
}

#[test]
fn a_save_that_is_overtaken_by_leaving_is_still_written() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    kea.presses("1");
    kea.slow = true;
    kea.says("on a mat").presses("Main menu");
    kea.slow = false;
    kea.work_comes_in_another_order().hears();
    assert_eq!(kea.saved("My cat").dataset.caption_count(), 1);
}

#[test]
fn nobody_sees_what_is_not_theirs() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    let id = kea.saved("My cat").id;
    let mut other = Chat::of(&world, "kaka", "den");
    other
        .types("/loras")
        .shows("You have no LoRA yet.")
        .types("/runs")
        .shows("Nothing was trained yet.");
    // A forged request is checked again by the service.
    let request = serde_json::json!({ "delete": { "lora": id } });
    let asker = lorikeet_training::Asker {
        conversation: &other.conversation,
        key: "forged",
        now: world.now(),
    };
    let answer = crate::support::world::ready(world.service.loras(&asker, &request))
        .unwrap()
        .unwrap();
    other
        .told(answer)
        .notes(Level::Info, "It is not there any more.");
    kea.says("still here").shows("# My cat");
    assert_eq!(kea.saved("My cat").dataset.picture_count(), 4);
}
