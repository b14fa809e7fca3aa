//! Presses and forms: only the controls of the current screen do anything, and each once.

use lorikeet_chat::{EffectBody, EventBody, Origin, SessionTag, Stamp, Surface};
use lorikeet_dialog::Session;
use serde_json::json;

use crate::talk::Talk;

const STALE: &str = "That button belongs to an earlier screen. This is the current one.";

#[test]
fn a_press_of_an_old_screen_is_answered_and_does_nothing() {
    let mut talk = Talk::new();
    talk.types("book").says("Kea");
    let old = talk.token("3");
    talk.presses("2");
    let before = talk.session.clone();
    talk.press(old);
    assert_eq!(talk.answers(), [STALE]);
    assert_eq!(talk.work(), []);
    assert_eq!(
        talk.session, before,
        "the same screen, under the same tokens"
    );
    assert_eq!(talk.heading(), "2 for Kea: 20");
    assert_eq!(talk.shown.as_ref().unwrap().surface, Surface::Edit);
    let EffectBody::Answer { token, .. } = &talk.effects[0] else {
        panic!("{:?}", talk.effects);
    };
    assert_eq!(*token, Some(old), "the press that was made gets the answer");
}

#[test]
fn a_press_of_another_life_or_of_nothing_does_nothing() {
    let mut talk = Talk::at_review();
    let before = talk.session.clone();
    let stamp = talk.session.stamp();
    let lost = Stamp {
        tag: SessionTag::from_generation(4_711),
        ..stamp
    };
    for token in [lost.token(1), stamp.token(99), Stamp::default().token(0)] {
        talk.press(token);
        assert_eq!(talk.answers(), [STALE]);
        assert_eq!(talk.session, before);
    }
}

#[test]
fn pressing_twice_acts_once() {
    let mut talk = Talk::at_review();
    let book = talk.token("Book");
    talk.press(book);
    assert_eq!(talk.work(), [("tables".to_owned(), json!("book"))]);
    talk.press(book);
    assert_eq!(talk.work(), []);
    assert_eq!(talk.answers(), [STALE]);
}

#[test]
fn a_refused_press_gives_new_tokens_all_the_same() {
    let mut talk = Talk::new();
    talk.types("book").says("Kea");
    let before = talk.session.stamp();
    let submit = before.token(6);
    talk.fills(submit, "none");
    assert_eq!(talk.notices()[0].1, "There is no such number of seats.");
    assert!(talk.session.stamp().revision > before.revision);
    talk.fills(submit, "2");
    assert_eq!(
        talk.answers(),
        [STALE],
        "a form of an old screen is one of an old screen"
    );
    let submit = talk.session.stamp().token(6);
    assert_eq!(talk.fills(submit, "2").heading(), "2 for Kea: 20");
}

#[test]
fn news_keeps_the_tokens_while_the_controls_stay_the_same() {
    let mut talk = Talk::at_review();
    let stamp = talk.session.stamp();
    let book = talk.token("Book");
    talk.told("joined", json!(3));
    assert_eq!(talk.heading(), "3 for Kea: 30");
    assert_eq!(talk.session.stamp(), stamp);
    talk.turn(Origin::Internal, EventBody::Redraw);
    assert_eq!(talk.session.stamp(), stamp);
    talk.press(book);
    assert_eq!(
        talk.work(),
        [("tables".to_owned(), json!("book"))],
        "a press on its way still counts"
    );
    let waiting = talk.session.stamp();
    talk.told("booked", json!(true));
    assert_ne!(
        talk.session.stamp(),
        waiting,
        "other controls, other tokens"
    );
}

#[test]
fn news_leaves_what_was_just_said_standing() {
    let mut talk = Talk::at_review();
    talk.says("what?");
    let said = talk.notices();
    assert_eq!(said.len(), 1, "the answer is refused in a sentence");
    talk.told("joined", json!(3));
    assert_eq!(
        talk.notices(),
        said,
        "news a moment later does not wipe it away"
    );
    talk.turn(Origin::Internal, EventBody::Redraw);
    assert_eq!(talk.notices(), said, "nor says it twice");
    talk.types("book");
    assert!(talk.notices().is_empty(), "what the person does next does");
}

#[test]
fn a_press_without_a_session_shows_home() {
    let mut talk = Talk::at_review();
    let book = talk.token("Book");
    talk.session = Session::default();
    talk.press(book);
    let answers = talk.answers();
    assert!(
        answers.len() == 1 && answers[0].starts_with("I no longer know where we were"),
        "{answers:?}"
    );
    assert_eq!(talk.flows(), ["home"]);
    assert_ne!(talk.session.stamp(), Stamp::default());
}
