//! What can be done about pictures and captions besides sending others: fixed, kept, moved, changed all at once, taken
//! in and out as an archive.

use lorikeet_chat::{Board, EventBody, Level, Origin};
use lorikeet_training::wire::{Entry, Outcome, Part};
use lorikeet_training::{Caption, Problem, SlotNumber};

use crate::support::chat::picture;
use crate::support::{Chat, World, plain};

/// A person at the pictures' screen, with one picture there is something to say of among four.
fn with_warnings(codes: &[&str]) -> Chat {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 3);
    kea.sends(&["odd.png"]);
    let mut odd = picture("odd.png", 9);
    let details = |code: &&str| Problem::new(*code).with("resolution", 1_024);
    odd.warnings.extend(codes.iter().map(details));
    let ticket = kea.intakes.remove(0).context;
    let outcome = Outcome::Taken {
        picture: odd,
        caption: None,
    };
    kea.told(lorikeet_training::wire::Arrived { ticket, outcome }.into());
    kea
}

fn edits(kea: &mut Chat, fields: &[(&str, &str)]) {
    let token = kea.token(plain::EDIT);
    let fields = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    kea.turn(Origin::Person, EventBody::Form { token, fields });
    kea.hears();
}

#[test]
fn a_doubtful_picture_can_be_kept() {
    let mut kea = with_warnings(&["blurred", "below-resolution"]);
    kea.shows("4. odd.png: It looks blurred.")
        .presses("Look at what could be better")
        .notes(Level::Warning, "It looks blurred.")
        .offers_not("Crop it")
        .presses("Keep it as it is")
        .shows_not("blurred")
        .offers_not("Keep it as it is");
    kea.presses("Back")
        .shows_not("blurred")
        .offers_not("Look at what could be better");
    assert!(
        kea.saved("My cat")
            .dataset
            .pictures()
            .all(|(_, picture, _)| picture.warnings.is_empty())
    );
}

#[test]
fn a_cut_is_shown_before_it_counts() {
    let mut kea = with_warnings(&["elongated"]);
    kea.presses("4")
        .presses("Crop it")
        .shows("This is what would be left.")
        .shows("Size: 768×1043 pixels")
        .presses("Another part")
        .shows("Size: 768×1044 pixels")
        .presses("Another part")
        .shows("Size: 768×1042 pixels")
        .presses("Leave it as it was")
        .shows("Size: 1024×768 pixels")
        .notes(Level::Warning, "It is more than twice as long as wide");
    kea.says("on a wall")
        .presses("Crop it")
        .presses("Use it")
        .shows("File: odd.png")
        .shows("Size: 768×1043 pixels")
        .shows("Caption: on a wall")
        .shows_not("(!)");
    kea.presses("Back").shows("4 of 20, 1 with captions");
}

#[test]
fn bars_are_cut_off_and_pictures_turned() {
    let mut kea = with_warnings(&["letterboxed"]);
    kea.presses("4")
        .presses("Cut the bars off")
        .shows("Size: 768×1041 pixels")
        .offers_not("Another part")
        .presses("Use it");
    kea.presses("Turn").shows("Size: 768×1040 pixels");
    let dataset = kea.saved("My cat").dataset;
    let (_, turned, _) = dataset.pictures().last().unwrap();
    assert_eq!((turned.height, turned.name.as_str()), (1_040, "odd.png"));
    // The file as it was sent is still known.
    kea.presses("Back")
        .sends_and_it_is_taken(9)
        .notes(Level::Warning, "“9.png” is the same file as picture 4");
}

#[test]
fn what_is_mended_meanwhile_takes_no_one_away() {
    let mut kea = with_warnings(&["elongated"]);
    kea.presses("4");
    kea.slow = true;
    kea.presses("Crop it")
        .shows("(…) One moment")
        .presses("Back");
    kea.slow = false;
    kea.hears().shows("(Pictures)");
    // A turn counts at once, wherever one is.
    kea.presses("4");
    kea.slow = true;
    kea.presses("Turn").presses("Back");
    kea.slow = false;
    kea.hears().presses("4").shows("Size: 768×1040 pixels");
}

#[test]
fn a_remedy_that_fails_leaves_the_picture() {
    let mut kea = with_warnings(&["elongated"]);
    kea.presses("4");
    kea.slow = true;
    kea.presses("Crop it");
    let request = kea.wanted("pictures");
    kea.given_up("pictures", "blobs_unavailable", &request)
        .notes(Level::Error, "That did not work")
        .shows_not("One moment")
        .shows("Size: 1024×768 pixels");
}

#[test]
fn pictures_change_places() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    kea.presses("1")
        .says("the first")
        .presses("Move")
        .shows("Where should picture 1 go?")
        .says("99")
        .notes(
            Level::Error,
            "There is no such place. Type a number from 1 to 20.",
        )
        .says("4")
        .shows("File: 1.png")
        .shows("Caption: the first");
    kea.presses("Move").presses("12").shows("File: 1.png");
    let dataset = kea.saved("My cat").dataset;
    let names: Vec<(u16, &str)> = dataset
        .pictures()
        .map(|(number, picture, _)| (number.0, picture.name.as_str()))
        .collect();
    assert_eq!(
        names,
        [(1, "4.png"), (2, "2.png"), (3, "3.png"), (12, "1.png")]
    );
}

#[test]
fn the_board_is_changed_in_place() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    edits(&mut kea, &[(Board::PLACE, "2"), (Board::TO, "7")]);
    edits(
        &mut kea,
        &[(Board::PLACE, "7"), (Board::TEXT, " by the sea ")],
    );
    kea.shows("7 by the sea").shows("4 of 20, 1 with captions");
    edits(&mut kea, &[(Board::PLACE, "7"), (Board::TEXT, "")]);
    kea.shows("4 of 20, 0 with captions");
    for (fields, said) in [
        (
            [(Board::PLACE, "2"), (Board::TEXT, "x")],
            "There is no picture in place 2.",
        ),
        (
            [(Board::PLACE, "2"), (Board::TO, "3")],
            "There is no picture in place 2.",
        ),
        (
            [(Board::PLACE, "1"), (Board::TO, "21")],
            "There is no such place.",
        ),
        (
            [(Board::PLACE, "many"), (Board::TO, "1")],
            "There is no picture in place 0.",
        ),
    ] {
        edits(&mut kea, &fields);
        kea.notes(Level::Error, said);
    }
    // A picture dropped on a place goes there.
    kea.drops(&["new.png"], "7").arrives("new.png", 30);
    kea.drops(&["far.png", "next.png"], "20")
        .arrives("far.png", 31)
        .arrives("next.png", 32);
    let dataset = kea.saved("My cat").dataset;
    let name = |number| match dataset.get(SlotNumber(number)) {
        Some(lorikeet_training::SlotContent::Filled { picture, .. }) => picture.name.as_str(),
        _ => "",
    };
    assert_eq!(
        [name(7), name(20), name(2)],
        ["new.png", "far.png", "next.png"]
    );
}

#[test]
fn all_captions_change_at_once_and_back() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    kea.presses("Continue").offers_not("Change all captions");
    for line in ["a cat", "a cat and a dog", "the sea"] {
        kea.says(line);
    }
    kea.presses("Change all captions")
        .fills(&[("before", " ")])
        .notes(Level::Error, "Nothing is filled in.");
    kea.fills(&[("find", "bird")])
        .notes(Level::Error, "“bird” stands in no caption.");
    kea.fills(&[
        ("find", "a cat"),
        ("replace", "it"),
        ("after", ", at night"),
    ])
    .notes(Level::Success, "3 captions were changed.");
    let lines = |kea: &Chat| -> Vec<String> {
        let dataset = kea.saved("My cat").dataset;
        let captions = dataset.pictures().filter_map(|(_, _, caption)| caption);
        captions.map(Caption::to_string).collect()
    };
    assert_eq!(
        lines(&kea),
        [
            "it, at night",
            "it and a dog, at night",
            "the sea, at night"
        ]
    );
    kea.presses("Undo")
        .notes(Level::Success, "The captions are as they were.")
        .offers_not("Undo");
    assert_eq!(lines(&kea), ["a cat", "a cat and a dog", "the sea"]);
    // The template's captions can be taken back as well.
    kea.presses("One word for the rest").says("tomcat");
    assert_eq!(lines(&kea).len(), 4);
    kea.presses("Undo");
    assert_eq!(lines(&kea).len(), 3);
}

#[test]
fn an_archive_brings_pictures_and_captions() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 1);
    let entry = |name: &str, outcome| Entry {
        name: name.to_owned(),
        outcome: Box::new(outcome),
    };
    let taken = |seed: u8, line: &str| {
        let name = format!("{seed}.png");
        let outcome = Outcome::Taken {
            picture: picture(&name, seed),
            caption: Caption::parse(line).ok(),
        };
        entry(&name, outcome)
    };
    kea.sends(&["cats.zip"]).is_unpacked(
        "cats.zip",
        vec![
            taken(2, "by the sea"),
            entry("notes.doc", Outcome::Refused(Problem::new("not-a-picture"))),
            taken(3, ""),
            taken(1, "again"),
        ],
    );
    kea.notes(
        Level::Success,
        "2 pictures were added from the zip file, 1 of them with captions.",
    )
    .notes(
        Level::Warning,
        "2 files were left out. notes.doc: This is not a picture.",
    )
    .shows("1.png: It is the same file as picture 1")
    .shows("3 of 20, 1 with captions");

    // More than fit are named, not all of them.
    kea.sends(&["many.zip"])
        .is_unpacked("many.zip", (10..40).map(|seed| taken(seed, "")).collect());
    kea.notes(Level::Success, "17 pictures were added from the zip file.")
        .notes(
            Level::Warning,
            "13 files were left out. 27.png: All places are taken.",
        )
        .shows("And 8 more.");
    kea.presses("1")
        .sends(&["other.zip"])
        .is_unpacked("other.zip", vec![]);
    kea.notes(Level::Success, "Nothing in the zip file could be added.")
        .shows("File: 1.png");
}

#[test]
fn the_pictures_can_be_downloaded() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    kea.presses("Overview")
        .presses("Download the pictures")
        .shows("(file: my-cat-pictures.zip, 4 bytes)")
        .shows_not("Packing")
        .offers_not("Download the pictures");
    // What was packed is not what is there now.
    kea.presses("Pictures")
        .presses("1")
        .presses("Remove")
        .presses("Overview")
        .shows_not("my-cat-pictures.zip")
        .offers("Download the pictures");
}

#[test]
fn parts_of_a_long_picture_come_in_turn() {
    let mut kea = with_warnings(&["elongated"]);
    kea.presses("4").with_cut("odd.png", Part::End);
    kea.shows("Size: 768×1044 pixels")
        .presses("Another part")
        .shows("Size: 768×1042 pixels")
        .presses("Another part")
        .shows("Size: 768×1043 pixels");
}
