//! Pictures: taken, refused, doubled, too many, replaced, lost.

use lorikeet_chat::Level;
use lorikeet_training::Problem;

use crate::support::{Chat, World};

#[test]
fn files_that_are_refused_say_why_and_leave_their_place_free() {
    let world = World::new();
    let mut kea = Chat::naming(&world, "My cat");
    for (problem, sentence) in [
        (
            Problem::new("not-a-picture"),
            "This is not a picture. Send a PNG, JPEG or WebP file.",
        ),
        (Problem::new("truncated"), "The file ends too early"),
        (
            Problem::new("too-many-pixels")
                .with("width", 20_000)
                .with("height", 10_000)
                .with("limit_mp", 50),
            "It has 20000×10000 pixels, more than 50 megapixels.",
        ),
        (Problem::new("animated"), "Animated pictures are not taken."),
        (
            Problem::new("too-small")
                .with("short_side", 100)
                .with("min", 256),
            "Its short side has 100 pixels; at least 256 are needed.",
        ),
        (
            Problem::new("unsupported-format").with("format", "HEIC"),
            "HEIC files are not taken.",
        ),
        (
            Problem::new("too-many-bytes").with("limit_mb", 20),
            "larger than 20 MB",
        ),
    ] {
        kea.sends(&["file.png"])
            .is_refused("file.png", problem)
            .notes(Level::Error, "Picture ")
            .shows(sentence)
            .shows("0 of 20");
    }
    // Each took the next empty place; when there is none, refused ones are used again.
    kea.shows("7! file.png")
        .sends_and_it_is_taken(1)
        .shows("| 8)")
        .shows("1 of 20");
}

#[test]
fn a_refusal_can_be_looked_at_and_put_away() {
    let world = World::new();
    let mut kea = Chat::naming(&world, "My cat");
    kea.sends(&["a.gif"])
        .is_refused("a.gif", Problem::new("animated"))
        .presses("1")
        .notes(Level::Error, "1. a.gif: Animated pictures are not taken.")
        .says("a caption")
        .notes(
            Level::Error,
            "There is no picture in place 1. Send one here.",
        )
        .sends(&["a.png"])
        .arrives("a.png", 1)
        .shows("File: a.png")
        .presses("Remove")
        .notes(Level::Info, "Picture 1 was removed.")
        .shows("0 of 20");
}

#[test]
fn the_same_picture_twice_is_taken_once() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 2);
    kea.sends(&["again.png"])
        .arrives("again.png", 2)
        .notes(
            Level::Warning,
            "“again.png” is the same file as picture 2 and was not added again.",
        )
        .shows("2 of 20");
}

#[test]
fn a_twenty_first_picture_does_not_fit() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 19);
    kea.sends(&["last.png", "more.png", "most.png"])
        .notes(
            Level::Warning,
            "2 pictures did not fit: more.png, most.png. All 20 places are taken",
        )
        .arrives("last.png", 20)
        .shows("20 of 20")
        .sends(&["one more.png"])
        .notes(Level::Warning, "One picture did not fit: one more.png.")
        .shows("20 of 20");
    assert!(kea.intakes.is_empty());
}

#[test]
fn a_full_disk_is_said() {
    let world = World::new();
    let mut kea = Chat::naming(&world, "My cat");
    kea.sends(&["a.png", "b.png"])
        .intake_fails("a.png", "no_space")
        .notes(
            Level::Error,
            "Picture 1 was not added. There is no room left on this server",
        )
        .intake_fails("b.png", "unreachable")
        .notes(
            Level::Error,
            "Picture 2 was not added. It could not be fetched.",
        );
}

#[test]
fn a_replaced_picture_stays_until_the_new_one_is_there() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    kea.presses("2").says("on a mat").shows("Caption: on a mat");
    kea.sends(&["new.png"])
        .shows("still on its way")
        .says("too early")
        .notes(Level::Error, "Picture 2 is still on its way.")
        .is_refused("new.png", Problem::new("corrupt"))
        .notes(
            Level::Error,
            "Picture 2 was not added. The file is damaged.",
        )
        .shows("File: 2.png")
        .shows("Caption: on a mat");
    kea.sends(&["better.png"])
        .arrives("better.png", 9)
        .shows("File: better.png")
        .shows("Caption: on a mat");
    kea.presses("Drop caption").shows("Caption: none yet");
    kea.presses("Next")
        .shows("File: 3.png")
        .presses("Previous")
        .shows("File: better.png");
}

#[test]
fn a_place_that_waits_for_ever_can_be_emptied() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    kea.sends(&["lost.png"])
        .presses("Continue")
        .notes(Level::Error, "One picture is still on its way.")
        .presses("5")
        .presses("Remove")
        .presses("Continue")
        .shows("(Captions)");
    kea.presses("Back")
        .presses("1")
        .sends(&["lost too.png"])
        .presses("Remove");
    kea.notes(Level::Info, "Picture 1 is the one from before again.")
        .shows("4 of 20");
    // Whatever comes of them now is not expected any more.
    kea.arrives("lost.png", 9)
        .arrives("lost too.png", 10)
        .shows("4 of 20");
}

#[test]
fn one_that_is_being_replaced_is_not_captioned() {
    let world = World::new();
    let mut kea = Chat::with_pictures(&world, "My cat", 4);
    kea.presses("Continue")
        .says("one")
        .says("two")
        .says("three");
    kea.presses("Back")
        .presses("4")
        .sends(&["new.png"])
        .presses("Back")
        .presses("Back");
    kea.shows("(Name)");
    kea.says("My cat").shows("(Pictures)").arrives("new.png", 9);
    kea.presses("Continue")
        .shows("Picture 4, new.png.")
        .offers_not("Not this one");
}

#[test]
fn what_could_be_better_is_said_and_does_not_stop_anybody() {
    let world = World::new();
    let mut kea = Chat::naming(&world, "My cat");
    kea.sends(&["a.png"]);
    let request = kea.intakes.remove(0);
    let mut picture = crate::support::chat::picture("a.png", 1);
    picture.warnings.push(Problem::new("blurred"));
    picture
        .warnings
        .push(Problem::new("below-resolution").with("resolution", 1_024));
    let outcome = lorikeet_training::wire::Outcome::Taken {
        picture,
        caption: Some(lorikeet_training::Caption::parse("on a mat").unwrap()),
    };
    let ticket = request.context;
    kea.told(lorikeet_training::wire::Arrived { ticket, outcome }.into())
        .shows("1. a.png: It looks blurred.")
        .shows("1. a.png: It is smaller than the 1024 pixels it will be trained at.")
        .shows("1 of 20, 1 with captions");
}

#[test]
fn words_beside_a_picture_are_its_caption() {
    let world = World::new();
    let mut kea = Chat::naming(&world, "My cat");
    kea.sends_with(&["1.png"], "", "  asleep on a cushion ")
        .arrives("1.png", 1);
    assert!(
        kea.text().contains("1 of 20, 1 with captions"),
        "{}",
        kea.text()
    );
    // Of several pictures nobody knows which is meant.
    kea.sends_with(&["2.png", "3.png"], "", "two cats");
    kea.arrives("2.png", 2).arrives("3.png", 3);
    assert!(
        kea.text().contains("3 of 20, 1 with captions"),
        "{}",
        kea.text()
    );
    kea.sends_with(&["4.png"], "", &"long ".repeat(300));
    assert!(kea.text().contains("1,499 characters"), "{}", kea.text());
    kea.arrives("4.png", 4);
    assert!(
        kea.text().contains("4 of 20, 1 with captions"),
        "{}",
        kea.text()
    );
    // Another picture without words leaves the caption standing.
    kea.drops(&["5.png"], "1").arrives("5.png", 5);
    assert!(
        kea.text().contains("4 of 20, 1 with captions"),
        "{}",
        kea.text()
    );
}
