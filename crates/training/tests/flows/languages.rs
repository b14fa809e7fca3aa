//! The bot in German: the way from hello to a file, the command that changes the language, numbers and times.

use std::time::Duration;

use lorikeet_chat::{Control, Language, Level};

use crate::support::{Chat, World};

fn german(world: &std::sync::Arc<World>) -> Chat {
    Chat::speaking(Some("de-AT"), world, "kea", "den")
}

/// Labels of the languages to choose from, and which is marked.
fn choices(chat: &Chat) -> Vec<(String, bool)> {
    let controls = chat
        .shown
        .screen
        .menu
        .iter()
        .flat_map(|group| &group.controls);
    controls
        .filter_map(|control| match control {
            Control::Choice(choice) => Some(&choice.options),
            _ => None,
        })
        .flatten()
        .map(|option| (option.label.clone(), option.selected))
        .collect()
}

#[test]
fn the_way_there_in_german() {
    let world = World::new();
    let mut kea = german(&world);
    kea.presses("Ein LoRA trainieren")
        .says("x")
        .says("Meine Katze");
    kea.sends_and_it_is_taken(1).presses("Weiter");
    for seed in 2..=4 {
        kea.sends_and_it_is_taken(seed);
    }
    kea.presses("Weiter")
        .says("auf einer roten Matte")
        .presses("Ein Wort für den Rest")
        .says("Katze")
        .presses("Weiter")
        .presses("Gründlich")
        .presses("Von Hand")
        .fills(&[("steps", "viele"), ("learning_rate", "0,0002")])
        .fills(&[("steps", "1.500"), ("learning_rate", "0,0002")])
        .presses("Weiter")
        .presses("Training starten");
    let settings = kea.saved("Meine Katze").settings.unwrap();
    assert_eq!((settings.steps, settings.learning_rate), (1_500, 0.000_2));
    let claimed = world.engine_takes_a_run();
    world.engine_is_half_way(&claimed);
    kea.hears();
    world.engine_is_done(&claimed);
    kea.after(Duration::from_secs(120));
    kea.types("/loras").presses("Meine Katze").types("/help");
    insta::assert_snapshot!(kea.transcript);
}

#[test]
fn a_language_is_chosen_from_a_screen_and_what_was_open_comes_back() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    kea.types("/help")
        .shows("/language: Change the language; it may follow")
        .presses("Back");
    kea.types("/language").shows("# Language");
    let (de, en) = ("Deutsch".to_owned(), "English".to_owned());
    assert_eq!(choices(&kea), [(de.clone(), false), (en.clone(), true)]);
    kea.presses("Deutsch")
        .shows("# My cat")
        .shows("Bilder: 4 von 20, 0 mit Beschreibung")
        .notes(Level::Success, "Ab jetzt spreche ich Deutsch.");
    let language = kea.shown.screen.language.clone();
    assert_eq!(
        language,
        Some(Language {
            tag: "de".into(),
            chosen: true
        })
    );
    kea.types("/sprache").shows("# Sprache");
    assert_eq!(choices(&kea), [(de, true), (en, false)]);
    kea.presses("Zurück").shows("# My cat").presses("Weiter");
    kea.shows("(Beschreibungen)");
}

#[test]
fn a_language_is_named_with_the_command() {
    let world = World::new();
    let mut kea = german(&world);
    kea.shows("Trainiere ein Bild-LoRA");
    for (typed, sentence) in [
        ("/language EN", "I speak English from now on."),
        ("/lang deutsch", "Ab jetzt spreche ich Deutsch."),
        ("/sprache english", "I speak English from now on."),
        ("/language de-CH", "Ab jetzt spreche ich Deutsch."),
    ] {
        kea.types(typed).notes(Level::Success, sentence);
    }
    kea.types("/language Klingonisch")
        .notes(
            Level::Error,
            "„Klingonisch“ spreche ich nicht. Ich spreche: Deutsch (de), English (en).",
        )
        .shows("Trainiere ein Bild-LoRA");
    // The device asks for German; the choice goes before it, in what comes by itself too.
    kea.types("/language en")
        .says("hello")
        .shows("Train an image LoRA");
    kea.types("/train My cat").sends_and_it_is_taken(1);
    kea.shows("3 more are needed");
}

#[test]
fn times_are_told_in_the_words_of_the_language() {
    let world = World::new();
    let mut kea = Chat::naming(&world, "My cat");
    for (passed, english, german) in [
        (0, "just now", "gerade eben"),
        (60, "1 minute ago", "vor 1 Minute"),
        (4 * 60, "5 minutes ago", "vor 5 Minuten"),
        (55 * 60, "60 minutes ago", "vor 60 Minuten"),
        (2 * 3_600, "3 hours ago", "vor 3 Stunden"),
        (45 * 3_600, "2 days ago", "vor 2 Tagen"),
        (1_998 * 86_400, "2,000 days ago", "vor 2.000 Tagen"),
    ] {
        kea.after(Duration::from_secs(passed));
        kea.types("/language en").types("/loras").shows(english);
        kea.types("/language de").shows(german);
    }
}
