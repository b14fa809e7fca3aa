//! One person in two chats that are joined to one account.

use std::time::Duration;

use lorikeet_chat::Level;

use crate::support::{Chat, World};

/// The code on a screen.
fn code(chat: &Chat) -> String {
    let text = chat.text();
    let word = text.split_whitespace().find(|word| {
        let mut parts = word.split('-');
        let is_part = |part: Option<&str>| {
            part.is_some_and(|part| {
                part.len() == 4
                    && part
                        .bytes()
                        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            })
        };
        is_part(parts.next()) && is_part(parts.next()) && parts.next().is_none()
    });
    word.unwrap_or_else(|| panic!("no code in:\n{text}"))
        .to_owned()
}

/// Kea with a LoRA of four pictures, and the same person elsewhere with none, not joined yet.
fn two() -> (Chat, Chat) {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    kea.presses("Main menu");
    let other = Chat::of(&world, "kea-elsewhere", "attic");
    (kea, other)
}

/// The same, joined.
fn joined() -> (Chat, Chat) {
    let (mut kea, mut other) = two();
    kea.types("/link").presses("Get a code");
    let code = code(&kea);
    other.types(&format!("/link {}", code.to_lowercase()));
    other.notes(
        Level::Success,
        "You are joined with Web now: one LoRA is yours",
    );
    kea.hears()
        .notes(Level::Success, "You are joined with Web now");
    (kea, other)
}

#[test]
fn what_is_made_here_can_be_gone_on_with_there() {
    let (mut kea, mut other) = joined();
    // A flow begun in one chat goes on in the other, with the lock between them.
    kea.types("/loras").presses("My cat").presses("Open");
    other
        .types("/loras")
        .presses("My cat")
        .presses("Open")
        .notes(
            Level::Warning,
            "It is being edited in another chat of yours (“den”)",
        )
        .presses("Take over")
        .presses("Trigger word")
        .says("mcat")
        .shows("Trigger word: mcat");
    kea.hears().shows("attic");
    other.presses("Settings").presses("Continue");
    other.presses("Start training");
    kea.types("/runs").shows("My cat 1.0");
    // A new one belongs to who made it, and both have it.
    kea.types("/train").says("My dog").shows("0 of 20");
    other.types("/loras").shows("My dog");
    other
        .types("/train")
        .says("my CAT")
        .notes(Level::Error, "You have a LoRA called “my CAT” already");
}

#[test]
fn who_parts_keeps_what_they_made_and_nothing_else() {
    let (mut kea, mut other) = joined();
    other.types("/train").says("Sea birds").shows("0 of 20");
    kea.types("/loras").shows("Sea birds").shows("My cat");
    kea.presses("Sea birds");
    other
        .types("/unlink")
        .shows("Nothing is deleted")
        .presses("Part this chat")
        .notes(Level::Success, "This chat stands alone now.")
        .shows("joined with no other");
    kea.hears()
        .notes(Level::Info, "You are not joined with Web any more.")
        .shows("It is not there any more.");
    kea.types("/loras").shows("My cat").shows_not("Sea birds");
    other.types("/loras").shows("Sea birds").shows_not("My cat");
    other.types("/unlink").shows("This chat stands alone");
}

#[test]
fn codes_that_do_not_count_are_told_apart() {
    let (mut kea, mut other) = two();
    kea.types("/link").presses("Get a code");
    let first = code(&kea);
    kea.types(&format!("/link {first}"))
        .notes(Level::Error, "That is your own code.");
    kea.types("/link").presses("Get a code");
    let second = code(&kea);
    assert_ne!(first, second);
    other
        .types(&format!("/link {first}"))
        .notes(
            Level::Error,
            "There is no such code, or it does not count any more.",
        )
        .shows("4 more tries");
    for odd in ["/link 12", "/link what is that"] {
        other.types(odd).notes(Level::Error, "That is not a code.");
    }
    // Typed where the screen asks for it, too.
    other
        .types("/link")
        .says(&second)
        .notes(Level::Success, "You are joined");
    kea.hears();
    // It counts once; and what was wrong before a right one is forgotten.
    other.says(&second).shows("4 more tries");
    kea.presses("Get a code");
    let third = code(&kea);
    other
        .says(&third)
        .notes(Level::Info, "You are joined with that one already");
    kea.after(Duration::from_secs(601))
        .types("/link")
        .shows_not(&third);
}

#[test]
fn guessing_ends_after_a_few_tries() {
    let (mut kea, mut other) = two();
    for left in [
        "4 more tries",
        "3 more tries",
        "2 more tries",
        "one more try",
    ] {
        other.types("/link 0000-0000").shows(left);
    }
    other
        .types("/link 0000-0000")
        .notes(Level::Error, "There is no such code")
        .shows("too many");
    kea.types("/link").presses("Get a code");
    let right = code(&kea);
    other.types(&format!("/link {right}")).notes(
        Level::Error,
        "These were too many wrong codes. Try again in 15 minutes",
    );
    other.after(Duration::from_secs(15 * 60));
    kea.presses("Get a code");
    let right = code(&kea);
    other
        .types(&format!("/link {right}"))
        .notes(Level::Success, "You are joined");
}

#[test]
fn where_others_read_along_nothing_is_joined_and_no_code_is_shown() {
    let (mut kea, mut other) = two();
    kea.types("/link").presses("Get a code");
    let seen = code(&kea);
    other.crowded = true;
    other
        .types("/link")
        .shows("write to me in private")
        .offers_not("Get a code");
    other
        .types(&format!("/link {seen}"))
        .notes(Level::Warning, "Others could read that code");
    other.types("/unlink").shows("write to me in private");
    other.crowded = false;
    // Nor does it count for anybody else now.
    other
        .types(&format!("/link {seen}"))
        .notes(Level::Error, "There is no such code");
}

#[test]
fn a_language_is_spoken_in_all_of_them() {
    let (mut kea, mut other) = two();
    kea.types("/language de")
        .types("/link")
        .presses("Einen Code holen");
    let code = code(&kea);
    // Who has chosen none follows who made the code.
    other.types(&format!("/link {code}"));
    other.hears().shows("Du bist jetzt mit Web verbunden");
    kea.hears();
    other.types("/language English").shows("English");
    kea.hears().types("/loras").shows("My LoRAs");
    other.types("/loras").shows("My LoRAs");
}

#[test]
fn who_has_chosen_a_language_keeps_it() {
    let (mut kea, mut other) = two();
    other.types("/language de");
    kea.types("/link").presses("Get a code");
    let code = code(&kea);
    other.types(&format!("/link {code}")).hears();
    other.types("/loras").shows("Meine LoRAs");
}

#[test]
fn who_is_not_joined_has_nothing_of_it() {
    let (mut kea, _) = joined();
    let mut stranger = Chat::of(&kea.world.clone(), "tui", "nest");
    stranger.types("/loras").shows("You have no LoRA yet");
    stranger
        .types("/loras My cat")
        .notes(Level::Error, "There is no LoRA called “My cat”");
    kea.types("/unlink").presses("Part this chat");
}
