//! Sessions as text.

use lorikeet_chat::{Block, EffectBody, EventBody, Origin, Sender};
use lorikeet_dialog::Session;
use serde_json::json;

use crate::talk::Talk;

#[test]
fn a_session_is_written_like_this() {
    let mut talk = Talk::at_review();
    talk.presses("Choose a dish");
    insta::assert_json_snapshot!(talk.session);
}

#[test]
fn a_session_this_program_cannot_read_is_refused() {
    let mut newer = json!(Talk::at_review().session);
    newer["format"] = json!(2);
    for text in [
        newer.to_string(),
        "{}".into(),
        "null".into(),
        String::new(),
        "{\"format\":1".into(),
    ] {
        assert!(Session::from_text(&text).is_err(), "{text}");
    }
}

#[test]
fn the_language_of_the_sender_is_kept() {
    let mut talk = Talk::new();
    talk.turns += 1;
    let mut event = talk.event(Origin::Person, EventBody::Text("hello".into()));
    event.sender = Some(Sender {
        locale: Some("de".into()),
        ..Sender::default()
    });
    let context = talk.context(&event);
    let turn = talk
        .dialog
        .turn(talk.session.clone(), &event, 1, &context)
        .unwrap();
    assert_eq!(turn.session.locale(), Some("de"));
    talk.session = turn.session;
    assert_eq!(
        talk.says("again").session.locale(),
        Some("de"),
        "events without a sender keep it"
    );
}

#[test]
fn what_takes_the_place_of_an_unreadable_session_says_so_once() {
    let mut talk = Talk::new();
    talk.turns += 1;
    let event = talk.event(Origin::Person, EventBody::Text("two".into()));
    let context = talk.context(&event);
    let turn = talk.dialog.turn(Session::anew(), &event, 1, &context);
    let turn = turn.unwrap();
    let said = "This bot was updated and cannot go on from there. Saved work is still here; open it from the menu.";
    let Some(EffectBody::Show(present)) = turn.effects.last() else {
        panic!("{:?}", turn.effects);
    };
    let told = |block: &Block| matches!(block, Block::Notice { text, .. } if text == said);
    assert!(present.screen.blocks.iter().any(told), "{present:?}");
    talk.session = turn.session;
    talk.types("cancel");
    assert!(talk.notices().iter().all(|(_, text)| text != said));
}
