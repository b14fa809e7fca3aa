//! Reads: a turn says what it needs, and is run again with it.

use lorikeet_chat::{EffectBody, EventBody, Invocation, Origin};
use lorikeet_dialog::RunError;

use crate::talk::{Talk, unread};

#[test]
fn a_turn_asks_once_for_what_it_needs() {
    let talk = Talk::at_review();
    assert_eq!(*talk.prices.asked.lock().unwrap(), [2]);
}

#[test]
fn a_turn_without_its_answer_says_what_it_needs() {
    let mut talk = Talk::new();
    talk.types("book").says("Kea");
    let event = talk.event(Origin::Person, EventBody::Press(talk.token("3")));
    let mut context = talk.context(&event);
    let run = |context: &_| talk.dialog.turn(talk.session.clone(), &event, 1, context);
    assert_eq!(run(&context).unwrap_err(), unread(3));
    context.learn(3, 77);
    let turn = run(&context).unwrap();
    let Some(EffectBody::Show(shown)) = turn.effects.last() else {
        panic!("{:?}", turn.effects);
    };
    assert!(format!("{:?}", shown.screen).contains("3 for Kea: 77"));
    assert_eq!(
        run(&context).unwrap(),
        turn,
        "a turn is a function of its input"
    );
}

#[test]
fn a_read_that_fails_fails_the_turn() {
    let mut talk = Talk::new();
    talk.types("book").says("Kea");
    talk.prices.unreachable = true;
    let press = EventBody::Press(talk.token("3"));
    match talk.try_turn(Origin::Person, press) {
        Err(RunError::Read(error)) => assert!(error.retryable),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_turn_that_needs_ever_more_is_given_up() {
    let mut talk = Talk::new();
    let command = EventBody::Command(Invocation::new("endless"));
    let turn = talk.try_turn(Origin::Person, command);
    assert!(matches!(turn, Err(RunError::TooManyReads)), "{turn:?}");
    assert_eq!(talk.prices.asked.lock().unwrap().len(), 33);
}

#[test]
fn what_is_said_when_a_turn_cannot_be_run_is_one_sentence() {
    let EffectBody::Answer { token: None, text } = Talk::new().dialog.apology(None) else {
        panic!("no answer");
    };
    assert_eq!(
        text,
        "That did not work, and nothing was changed. Try again in a moment."
    );
}
