//! Results from the background: offered down the stack, and to nobody.

use lorikeet_chat::{Level, Surface};
use serde_json::json;

use crate::talk::Talk;

#[test]
fn the_flow_on_the_screen_takes_it_in_place() {
    let mut talk = Talk::at_review();
    talk.told("joined", json!(0));
    assert_eq!(
        talk.notices(),
        [(Level::Info, "Somebody has joined.".to_owned())]
    );
    assert_eq!(talk.shown.as_ref().unwrap().surface, Surface::Refresh);
}

#[test]
fn a_flow_further_down_takes_it_without_a_word() {
    let mut talk = Talk::at_review();
    talk.types("note");
    let before = talk.session.stamp();
    talk.told("joined", json!(3));
    assert!(!talk.showed, "the note is still on the screen");
    assert_eq!(talk.session.stamp(), before);
    assert_eq!(talk.session.stack()[0].state["count"], 3);
    assert_eq!(talk.presses("Back").heading(), "3 for Kea: 30");
}

#[test]
fn a_flow_further_down_may_speak_up() {
    let mut talk = Talk::at_review();
    talk.types("note").told("joined", json!(0));
    assert_eq!(talk.heading(), "A note");
    assert_eq!(talk.notices()[0].1, "Somebody has joined.");
}

#[test]
fn a_flow_that_ends_further_down_is_taken_out() {
    let mut talk = Talk::at_review();
    talk.presses("Book").types("note");
    assert_eq!(talk.flows(), ["booking", "note"]);
    talk.told("booked", json!(true));
    assert_eq!(
        talk.notices(),
        [(Level::Success, "The table of Kea is ready.".to_owned())]
    );
    assert_eq!(talk.flows(), ["note"]);
    assert_eq!(talk.presses("Main menu").flows(), ["home"]);
}

#[test]
fn a_flow_that_ends_on_the_screen_leaves_what_is_under_it() {
    let mut talk = Talk::at_review();
    talk.presses("Book").told("booked", json!(true));
    assert_eq!(talk.flows(), ["home"]);
    assert_eq!(
        talk.notices(),
        [(Level::Success, "The table of Kea is ready.".to_owned())]
    );
}

#[test]
fn what_nobody_waits_for_is_told_or_done() {
    let mut talk = Talk::new();
    talk.types("start").told("news", json!(1));
    assert_eq!(
        talk.notices(),
        [(Level::Info, "Somebody has joined.".to_owned())]
    );
    assert_eq!(
        talk.shown.as_ref().unwrap().surface,
        Surface::Fresh,
        "or nobody would see it"
    );
    talk.told("stray", json!(1));
    assert_eq!(talk.work(), [("tables".to_owned(), json!("sweep"))]);
    assert!(!talk.showed);
    talk.told("weather", json!("rain"));
    assert_eq!(talk.work(), []);
    assert!(!talk.showed);
}

#[test]
fn a_result_before_the_first_words_leaves_the_greeting_to_come() {
    let mut talk = Talk::new();
    talk.told("stray", json!(1));
    assert_eq!(talk.work(), [("tables".to_owned(), json!("sweep"))]);
    talk.says("hello");
    assert_eq!(talk.notices(), [], "a greeting is no mistake");
}

#[test]
fn a_payload_nobody_can_read_changes_nothing() {
    let mut talk = Talk::at_review();
    let before = talk.session.stack().to_vec();
    talk.told("joined", json!("three"));
    assert_eq!(talk.session.stack(), before);
}
