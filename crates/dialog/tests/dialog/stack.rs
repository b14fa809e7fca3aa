//! The stack of flows: first contact, calls and returns, the way back, flows that cannot go on.

use lorikeet_chat::{EventBody, Level, Origin, Surface};
use lorikeet_dialog::Session;
use serde_json::json;

use crate::seats::dialog;
use crate::talk::Talk;

#[test]
fn the_first_contact_shows_home() {
    let mut talk = Talk::new();
    talk.says("hello there");
    assert_eq!(talk.heading(), "What would you like?");
    assert_eq!(talk.notices(), [], "a greeting is no mistake");
    assert_eq!(talk.shown.as_ref().unwrap().surface, Surface::Fresh);
    assert_eq!(talk.labels(), Vec::<String>::new(), "no way home from home");
    talk.says("hello again");
    assert_eq!(
        talk.notices(),
        [(Level::Error, "Please use the buttons here.".to_owned())]
    );
}

#[test]
fn home_is_gone_to_past_all_that_lies_on_it() {
    let mut talk = Talk::new();
    talk.says("hello").types("note");
    assert_eq!(talk.flows(), ["home", "note"]);
    let home = talk.session.stack()[0].clone();
    talk.types("menu");
    assert_eq!(talk.session.stack(), [home], "with what it knew");

    // A flow that took home's place is left for it, the polite way.
    let mut talk = Talk::at_review();
    talk.types("menu");
    assert_eq!(talk.flows(), ["home"]);
    assert_eq!(talk.heading(), "What would you like?");
}

#[test]
fn a_flow_called_returns_its_result() {
    let mut talk = Talk::at_review();
    talk.presses("Choose a dish");
    assert_eq!(talk.heading(), "Dishes");
    assert_eq!(talk.flows(), ["booking", "dishes"]);
    talk.presses("Soup");
    assert_eq!(talk.flows(), ["booking"]);
    assert_eq!(talk.session.stack()[0].state["dish"], "soup");
}

#[test]
fn back_at_the_first_step_of_a_called_flow_is_back_to_its_caller() {
    let mut talk = Talk::at_review();
    talk.presses("Choose a dish");
    assert_eq!(talk.labels(), ["Soup", "Back", "Main menu"]);
    talk.presses("Back");
    assert_eq!(talk.heading(), "2 for Kea: 20");
    assert_eq!(
        talk.session.stack()[0].state["dish"],
        "",
        "who goes back chooses nothing"
    );
    talk.presses("Back").presses("Back");
    assert_eq!(talk.heading(), "Whose table?");
    assert_eq!(
        talk.labels(),
        ["Main menu"],
        "no way back from the first step of the only flow"
    );
}

#[test]
fn a_step_shows_the_ways_it_has() {
    let mut talk = Talk::new();
    talk.types("book").says("Kea");
    assert_eq!(talk.labels(), ["1", "2", "3", "Back", "Skip", "Main menu"]);
    talk.presses("Skip");
    assert_eq!(talk.heading(), "0 for Kea: 0");
    talk.presses("Main menu");
    assert_eq!(talk.flows(), ["home"]);
    assert_eq!(talk.work(), [("tables".to_owned(), json!("give back"))]);
}

#[test]
fn a_flow_over_another_leaves_it_as_it_is() {
    let mut talk = Talk::at_review();
    let before = talk.session.stack().to_vec();
    talk.types("note").types("note");
    assert_eq!(talk.flows(), ["booking", "note"], "once is enough");
    talk.presses("Back");
    assert_eq!(talk.session.stack(), before);
}

#[test]
fn a_rejected_answer_keeps_everything() {
    let mut talk = Talk::new();
    talk.types("book");
    let before = talk.session.stack().to_vec();
    talk.says("bad");
    assert_eq!(
        talk.notices(),
        [(Level::Error, "That is no name.".to_owned())]
    );
    assert_eq!(talk.session.stack(), before);
    let items = Vec::new();
    let text = String::new();
    talk.turn(
        Origin::Person,
        EventBody::Media {
            items,
            text,
            place: String::new(),
        },
    );
    assert_eq!(
        talk.notices()[0].1,
        "Please type a message; a file cannot be used here."
    );
    assert_eq!(talk.says("Kea").heading(), "How many?");
}

#[test]
fn a_flow_that_cannot_go_on_is_left_and_said() {
    for damage in [
        // A newer program wrote it, or one too old.
        ("version", json!(7)),
        ("step", json!("nowhere")),
        ("state", json!("none")),
        ("flow", json!("gone")),
    ] {
        for body in [
            EventBody::Text("hello".into()),
            EventBody::Redraw,
            EventBody::Press(Talk::at_review().token("Book")),
        ] {
            let mut talk = Talk::at_review();
            let mut stored = json!(talk.session);
            stored["stack"][0][damage.0] = damage.1.clone();
            talk.session = Session::from_text(&stored.to_string()).unwrap();
            talk.turn(Origin::Person, body);
            let (level, text) = talk.notices().remove(0);
            assert_eq!(level, Level::Warning);
            assert!(text.starts_with("This bot was updated"), "{text}");
            assert_eq!(talk.flows(), ["home"]);
        }
    }
}

#[test]
fn a_flow_of_an_older_version_is_left_when_it_cannot_be_migrated() {
    let mut talk = Talk::at_review();
    talk.presses("Choose a dish");
    talk.dialog = dialog(2);
    talk.presses("Soup");
    assert!(talk.notices()[0].1.starts_with("This bot was updated"));
    assert_eq!(talk.flows(), ["home"]);
    assert!(!talk.faults.is_empty(), "the log hears of it");
}

#[test]
fn what_comes_in_one_go_is_answered_in_one_message() {
    let mut talk = Talk::new();
    talk.types("book");
    let surfaces = |talk: &mut Talk, batches: &[Option<&'static str>]| -> Vec<Surface> {
        let sent = batches.iter().map(|batch| {
            talk.batch = *batch;
            let (items, text, place) = (Vec::new(), String::new(), String::new());
            talk.turn(Origin::Person, EventBody::Media { items, text, place });
            talk.shown.as_ref().unwrap().surface
        });
        sent.collect()
    };
    let (fresh, edit) = (Surface::Fresh, Surface::Edit);
    assert_eq!(
        surfaces(
            &mut talk,
            &[Some("a"), Some("a"), Some("b"), Some("b"), None, None]
        ),
        [fresh, edit, fresh, edit, fresh, fresh]
    );
    talk.batch = None;
    talk.turn(Origin::Internal, EventBody::Redraw);
    assert_eq!(surfaces(&mut talk, &[Some("c")]), [fresh]);
    talk.batch = None;
    talk.turn(Origin::Internal, EventBody::Redraw);
    assert_eq!(
        surfaces(&mut talk, &[Some("c")]),
        [edit],
        "news are not a message"
    );
    talk.batch = None;
    talk.says("Kea");
    assert_eq!(
        surfaces(&mut talk, &[Some("c")]),
        [fresh],
        "the answer would stand above"
    );
}
