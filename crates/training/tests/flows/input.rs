//! What people type that cannot be used: each gets its sentence, changes nothing, and the screen stays of use.

use lorikeet_chat::Level;

use crate::support::{Chat, World};

/// Says something wrong and checks that the sentence is there and nothing else has changed.
fn refused(chat: &mut Chat, typed: &str, sentence: &str) {
    let before = chat.session();
    chat.says(typed).notes(Level::Error, sentence);
    assert_eq!(
        chat.session().stack(),
        before.stack(),
        "{typed:?} changed something"
    );
}

#[test]
fn names_that_cannot_be_used() {
    let world = World::new();
    let mut kea = Chat::of(&world, "kea", "den");
    kea.types("/train My cat").types("/train");
    let long = "a".repeat(51);
    for (typed, sentence) in [
        ("   ", "The name is empty. Type 3 to 50 letters"),
        ("ab", "2 characters are too few. Type 3 to 50 letters"),
        (&long, "That name has 51 characters. Use at most 50."),
        (
            "../x",
            "“.” cannot be in a name. Use letters, digits, spaces, - and _.",
        ),
        ("cat 🐈", "“🐈” cannot be in a name."),
        ("---", "A name needs at least one letter or digit."),
        ("MY CAT", "You have a LoRA called “MY CAT” already."),
        ("<b>cat</b>", "“<” cannot be in a name."),
    ] {
        refused(&mut kea, typed, sentence);
    }
    kea.says(&"a".repeat(50)).shows("(Pictures)");
}

#[test]
fn a_name_taken_meanwhile_is_refused_on_renaming_too() {
    let world = World::new();
    let mut kea = Chat::of(&world, "kea", "den");
    kea.types("/train My cat")
        .types("/train My dog")
        .types("/loras");
    kea.presses("My dog").presses("Rename");
    refused(
        &mut kea,
        "my cat",
        "You have a LoRA called “my cat” already.",
    );
    refused(&mut kea, "a/b", "“/” cannot be in a name.");
    kea.says("My DOG")
        .notes(Level::Success, "It is called “My DOG” now.");
}

#[test]
fn a_person_has_only_so_many() {
    let training = lorikeet_training::Training {
        engines: vec![crate::support::world::offer(true)],
        limits: lorikeet_training::Limits {
            loras: 1,
            ..Default::default()
        },
    };
    let world = World::of(training);
    let mut kea = Chat::of(&world, "kea", "den");
    kea.shows("small built-in demonstration model");
    kea.types("/train My cat").types("/train");
    refused(
        &mut kea,
        "My dog",
        "This bot keeps at most 1 for one person",
    );
}

#[test]
fn another_engine_brings_its_own_numbers() {
    let studio = crate::support::world::offer(false);
    let mut garage = studio.clone();
    garage.id = lorikeet_training::EngineId("garage".to_owned());
    garage.name = "The garage".to_owned();
    garage.bases.truncate(1);
    garage.bases[0].id = "sd15".to_owned();
    garage.bases[0].name = "SD 1.5".to_owned();
    garage.ranges.rank = 1..=8;
    for rule in &mut garage.presets {
        rule.rank = 8;
    }
    let world = World::of(lorikeet_training::Training {
        engines: vec![studio, garage],
        limits: lorikeet_training::Limits::default(),
    });
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    kea.presses("Continue")
        .presses("Skip captions")
        .shows("Trained by")
        .presses("The garage")
        .shows("Base model: SD 1.5");
    let settings = kea.saved("My cat").settings.unwrap();
    assert_eq!(
        (
            settings.engine.0.as_str(),
            settings.base.as_str(),
            settings.rank
        ),
        ("garage", "sd15", 8)
    );
    // Numbers set by hand are another engine's affair: here it is what most people want.
    kea.presses("Advanced").fills(&[("steps", "77")]);
    kea.shows("Steps: 77")
        .presses("Studio")
        .shows("Preset: Balanced");
}

#[test]
fn captions_that_cannot_be_used() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    kea.presses("Continue");
    refused(
        &mut kea,
        &"a".repeat(10_000),
        "That caption has 10,000 characters; at most 1,000 are used.",
    );
    refused(&mut kea, " \n ", "The caption is empty.");
    // What looks like markup is a caption like any other, kept to the letter; renderers escape it.
    kea.says("<script>alert(1)</script>\n[x](y) {{z}}");
    let dataset = kea.saved("My cat").dataset;
    let caption = dataset.pictures().next().unwrap().2.unwrap().to_string();
    assert_eq!(caption, "<script>alert(1)</script> [x](y) {{z}}");
    kea.presses("Back")
        .presses("1")
        .shows("Caption: <script>alert(1)</script> [x](y) {{z}}");
}

#[test]
fn settings_that_cannot_be_used_stay_in_the_form_with_what_is_wrong() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    kea.presses("Continue")
        .presses("Skip captions")
        .presses("Advanced");
    kea.fills(&[
        ("steps", "many"),
        ("rank", "500"),
        ("learning_rate", "0.5"),
        ("alpha", "8"),
    ])
    .notes(
        Level::Error,
        "Steps: that is not a number. Type one, such as 16 or 0.0005.",
    )
    .shows("Steps (50 to 4000): many !! Steps: that is not a number.")
    .shows("Rank (1 to 128): 500 !! Rank must lie between 1 and 128.")
    .shows(
        "Learning rate (0.00001 to 0.01): 0.5 !! Learning rate must lie between 0.00001 and 0.01.",
    )
    .shows("Alpha (1 to 128): 8");
    assert_eq!(kea.saved("My cat").settings, None, "nothing is chosen yet");
    kea.fills(&[
        ("steps", "-1"),
        ("rank", "1.5"),
        ("learning_rate", "NaN"),
        ("seed", "99999999999"),
    ])
    .shows("-1 !! Steps: that is not a number.")
    .shows("1.5 !! Rank: that is not a number.")
    .shows("NaN !! Learning rate: that is not a number.")
    .shows("99999999999 !! Seed: that is not a number.");
    kea.says("500")
        .notes(Level::Error, "Please fill in the form.");
    kea.fills(&[
        ("steps", " 700 "),
        ("rank", "8"),
        ("learning_rate", "0,0002"),
        ("seed", "1"),
    ])
    .shows("(Settings)")
    .shows("Steps: 700")
    .shows("Learning rate: 0.0002")
    .shows("Rank: 8, alpha 16");
    assert_eq!(kea.saved("My cat").settings.unwrap().steps, 700);
    // As it stands on a screen, in whatever language.
    for (typed, steps) in [
        ("1,500", 1_500),
        ("1.600", 1_600),
        ("1\u{a0}700", 1_700),
        ("1800", 1_800),
    ] {
        kea.presses("Advanced").fills(&[("steps", typed)]);
        assert_eq!(kea.saved("My cat").settings.unwrap().steps, steps);
    }
    for typed in [
        "1.5", "1,50", "1.5000", ".500", "1..500", "1.500.", "1500,000",
    ] {
        kea.presses("Advanced")
            .fills(&[("steps", typed)])
            .notes(Level::Error, "Steps: that is not a number.")
            .presses("Back");
    }
}

#[test]
fn three_pictures_are_not_enough() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 3);
    let before = kea.session();
    kea.presses("Continue").notes(
        Level::Error,
        "At least 4 pictures are needed, there are 3: send 1 more.",
    );
    assert_eq!(kea.session().stack(), before.stack());
    kea.sends_and_it_is_taken(4)
        .presses("Continue")
        .shows("(Captions)");
}

#[test]
fn what_a_screen_does_not_take_is_said() {
    let world = World::new();
    let mut kea = Chat::of(&world, "kea", "den");
    kea.says("train my cat").notes(Level::Error, "Please");
    kea.sends(&["a.png"]).notes(
        Level::Error,
        "Pictures belong to a LoRA. Press “Train a LoRA”",
    );
    kea.presses("Train a LoRA");
    kea.sends(&["a.png"]).notes(
        Level::Error,
        "Please type a message; a file cannot be used here.",
    );
    kea.says("My cat")
        .says("hello?")
        .notes(Level::Error, "Please send pictures here.");
    kea.types("/loras")
        .says("My cat")
        .notes(Level::Error, "Please use the buttons here.");
    kea.types("/dance")
        .notes(Level::Error, "I do not know the command “dance”.");
}

#[test]
fn buttons_of_screens_that_are_gone_do_nothing() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    let old = kea.token("Continue");
    kea.presses("1").presses("Remove").shows("3 of 20");
    let before = kea.session();
    kea.press(old);
    assert_eq!(
        kea.answers,
        ["That button belongs to an earlier screen. This is the current one."]
    );
    assert_eq!(kea.session(), before);
    kea.shows("3 of 20");
}
